package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.session.PartitionLog;

/** Measures how long one connection takes for its messages. Owned by its loop. */
final class AckTimes {
    private final SlowTop slow;
    private final String clientId;
    private final int thresholdMs;
    private final long connectedAtMs;

    AckTimes(SlowTop slow, String clientId, int thresholdMs, long connectedAtMs) {
        this.slow = slow;
        this.clientId = clientId;
        this.thresholdMs = thresholdMs;
        this.connectedAtMs = connectedAtMs;
    }

    /** {@code publishedAtMs} is 0 for what was published long ago on purpose: retained messages and history. */
    void settled(PartitionLog log, long publishedAtMs, long nowMs) {
        long tookMs = nowMs - Math.max(publishedAtMs, connectedAtMs);
        if (tookMs >= thresholdMs && publishedAtMs != 0) {
            slow.took(clientId, log.topic(), tookMs, nowMs);
        }
    }
}
