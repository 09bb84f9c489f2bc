package io.robustmq.storage.s3;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Sorts what S3, or the way there, says by what the caller can do about it. */
final class S3Failures {
    /** Refusals of one request that another one like it need not meet: damage on the way, credentials about to be renewed. */
    private static final Set<String> PASSING = Set.of(
            "BadDigest",
            "ContentSHA256Mismatch",
            "ExpiredToken",
            "IncompleteBody",
            "InvalidDigest",
            "OperationAborted",
            "RequestTimeout",
            "RequestTimeoutException",
            "ServiceUnavailable",
            "SlowDown",
            "Throttling",
            "XAmzContentSHA256Mismatch",
            "XAmzContentChecksumMismatch");

    private static final Set<String> FULL =
            Set.of("QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded");

    private S3Failures() {}

    static StoreException of(String what, SdkException cause) {
        // What was thrown in the middle of an answer comes back wrapped.
        for (Throwable at = cause.getCause(); at != null; at = at.getCause()) {
            if (at instanceof StoreException known) {
                return known;
            }
        }
        if (cause instanceof S3Exception answer) {
            AwsErrorDetails details = answer.awsErrorDetails();
            String code = details == null || details.errorCode() == null ? "" : details.errorCode();
            String text = what + ": " + answer.statusCode() + " " + code + " " + answer.getMessage();
            return new StoreException(kind(answer.statusCode(), code), text, cause);
        }
        // No answer: the way there, a time-out, or no credentials yet.
        return new StoreException(Kind.RETRIABLE, what + ": " + cause.getMessage(), cause);
    }

    /** Of an answer's status and code. */
    static Kind kind(int status, String code) {
        if (PASSING.contains(code)) {
            return Kind.RETRIABLE;
        }
        if (FULL.contains(code)) {
            return Kind.FULL;
        }
        return switch (status) {
            case 404 -> code.equals("NoSuchBucket") ? Kind.FATAL : Kind.NOT_FOUND;
            // Another creation of the name goes on at this moment.
            case 409 -> code.startsWith("Bucket") ? Kind.FATAL : Kind.RETRIABLE;
            case 412 -> Kind.EXISTS;
            case 416 -> Kind.CORRUPT;
            case 408, 425, 429 -> Kind.RETRIABLE;
            case 501 -> Kind.FATAL;
            case 507 -> Kind.FULL;
            default -> status >= 500 ? Kind.RETRIABLE : Kind.FATAL;
        };
    }
}
