package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.kafka.ErrorCodes;
import org.apache.kafka.common.protocol.Errors;

/** The refusals of coordinators in Kafka's words. Stateless. */
final class GroupErrors {
    private GroupErrors() {}

    static short code(BrokerError error) {
        return of(error).code();
    }

    /** A member gives up at an error it does not know, but looks for its coordinator again when that has no time. */
    static Errors of(BrokerError error) {
        return error == BrokerError.OVERLOADED ? Errors.COORDINATOR_NOT_AVAILABLE : ErrorCodes.of(error);
    }
}
