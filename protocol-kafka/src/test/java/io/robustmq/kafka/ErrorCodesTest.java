package io.robustmq.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodesTest {
    @ParameterizedTest
    @EnumSource(BrokerError.class)
    void whatMaySucceedLaterIsTriedAgainByClients(BrokerError error) {
        Errors code = ErrorCodes.of(error);
        if (error == BrokerError.NONE) {
            assertThat(code).isEqualTo(Errors.NONE);
        } else {
            assertThat(code).isNotEqualTo(Errors.NONE);
        }
        if (error.retriable()) {
            assertThat(code.exception()).isInstanceOf(RetriableException.class);
        }
    }
}
