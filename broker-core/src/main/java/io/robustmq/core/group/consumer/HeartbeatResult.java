package io.robustmq.core.group.consumer;

import io.robustmq.core.error.BrokerError;
import org.jspecify.annotations.Nullable;

/**
 * What a member is told.
 *
 * @param message for a person, when there is an error
 * @param assigned null: as before
 */
public record HeartbeatResult(
        BrokerError error,
        String message,
        String memberId,
        int memberEpoch,
        int heartbeatIntervalMs,
        @Nullable Partitions assigned) {
    public static HeartbeatResult refused(BrokerError error, String message) {
        return new HeartbeatResult(error, message, "", 0, 0, null);
    }

    static HeartbeatResult left(String memberId, int epoch) {
        return new HeartbeatResult(BrokerError.NONE, "", memberId, epoch, 0, null);
    }
}
