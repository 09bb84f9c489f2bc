package io.robustmq.storage.s3;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the SDK do one request per call, as every store of the protocol understands it. */
final class S3Clients {
    private S3Clients() {}

    static S3Client of(S3Config config) {
        S3Config.S3Timeouts timeouts = config.timeouts();
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(config.endpoint().region()))
                .forcePathStyle(config.endpoint().pathStyle())
                // What is not asked for is not sent: stores differ most in which checksums they know.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false).expectContinueEnabled(false))
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .apiCallTimeout(Duration.ofMillis(timeouts.requestMs())))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(Duration.ofMillis(timeouts.connectMs()))
                        .socketTimeout(Duration.ofMillis(timeouts.readMs())));
        if (config.endpoint().uri() != null) {
            builder.endpointOverride(config.endpoint().uri());
        }
        if (config.checksum() == S3Config.S3Checksum.MD5) {
            // For the deletion of many, which needs some checksum.
            builder.addPlugin(LegacyMd5Plugin.create());
        }
        return builder.build();
    }
}
