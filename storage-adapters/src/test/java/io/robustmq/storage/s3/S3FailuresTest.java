package io.robustmq.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.StoreException.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3FailuresTest {
    @ParameterizedTest
    @CsvSource({
        "404, NoSuchKey, NOT_FOUND",
        "404, NoSuchUpload, NOT_FOUND",
        "404, NoSuchBucket, FATAL",
        "404, '', NOT_FOUND",
        "403, AccessDenied, FATAL",
        "403, InvalidAccessKeyId, FATAL",
        "400, ExpiredToken, RETRIABLE",
        "400, BadDigest, RETRIABLE",
        "400, RequestTimeout, RETRIABLE",
        "400, InvalidArgument, FATAL",
        "409, ConditionalRequestConflict, RETRIABLE",
        "412, PreconditionFailed, EXISTS",
        "416, InvalidRange, CORRUPT",
        "429, TooManyRequests, RETRIABLE",
        "500, InternalError, RETRIABLE",
        "501, NotImplemented, FATAL",
        "503, SlowDown, RETRIABLE",
        "507, XMinioStorageFull, FULL"
    })
    void saysWhatTheCallerCanDo(int status, String code, Kind kind) {
        assertThat(S3Failures.kind(status, code)).isEqualTo(kind);
    }
}
