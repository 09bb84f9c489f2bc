package io.robustmq.kafka.quota;

import io.robustmq.kafka.KafkaConfig;

/**
 * How quotas are measured.
 *
 * @param burstMs what this time's worth of a rate may be used at once by who used nothing before
 * @param pauseMsMax the longest time for which a client that works a loop too hard, or connects too often, is kept waiting
 * @param bucketsMax clients that are measured each on their own
 */
public record QuotaConfig(long burstMs, int pauseMsMax, int bucketsMax) {
    private static final int MS = 1_000;

    /** As Kafka: a rate is that of a window of so many samples, the newest of which is not full. */
    public static QuotaConfig of(KafkaConfig config) {
        int sampleMs = config.quotaWindowSeconds() * MS;
        return new QuotaConfig((config.quotaWindowNum() - 1L) * sampleMs, sampleMs, config.quotaClientsMax());
    }
}
