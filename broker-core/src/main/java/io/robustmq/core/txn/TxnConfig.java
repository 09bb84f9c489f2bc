package io.robustmq.core.txn;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/** Limits and times of transactions. */
public record TxnConfig(
        int topicPartitions,
        int topicReplicationFactor,
        int timeoutMaxMs,
        long idExpirationMs,
        long expirationCheckMs,
        long markerRetryMs,
        int idsMax,
        int partitionsMax,
        int pendingMax) {
    public static final ConfigKey<Integer> TOPIC_PARTITIONS = ConfigKey.integer(
                    "transaction.state.topic.partitions", 16)
            .min(1)
            .max(1000)
            .doc("Partitions of __transaction_state when it is created; transactional ids are spread over them.");
    public static final ConfigKey<Integer> TOPIC_REPLICATION_FACTOR = ConfigKey.integer(
                    "transaction.state.topic.replication.factor", -1)
            .min(-1)
            .doc("Replicas of __transaction_state when it is created; -1 for the cluster's default.");
    public static final ConfigKey<Integer> TIMEOUT_MAX_MS = ConfigKey.integer("transaction.max.timeout.ms", 900_000)
            .min(1)
            .doc("Producers that ask for a longer transaction timeout are refused. Flink asks for an hour.");
    public static final ConfigKey<Long> ID_EXPIRATION_MS = ConfigKey.whole(
                    "transactional.id.expiration.ms", 604_800_000L)
            .min(1)
            .doc("A transactional id without a transaction for so long is forgotten.");
    public static final ConfigKey<Long> EXPIRATION_CHECK_MS = ConfigKey.whole(
                    "transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000L)
            .min(1)
            .doc("How often transactional ids are looked at for their expiration.");
    public static final ConfigKey<Long> MARKER_RETRY_MS = ConfigKey.whole("transaction.marker.retry.ms", 500L)
            .min(1)
            .doc("When a partition could not take a transaction's marker, it is tried again after this time.");
    public static final ConfigKey<Integer> IDS_MAX = ConfigKey.integer("transaction.ids.max", 100_000)
            .min(1)
            .doc("Transactional ids per partition of __transaction_state; more are refused.");
    public static final ConfigKey<Integer> PARTITIONS_MAX = ConfigKey.integer("transaction.partitions.max", 10_000)
            .min(1)
            .doc("Partitions in one transaction; a transaction with more must be aborted.");
    public static final ConfigKey<Integer> PENDING_MAX = ConfigKey.integer("transaction.pending.max", 10_000)
            .min(1)
            .doc("Requests waiting per partition of __transaction_state; more are refused.");

    public static List<ConfigKey<?>> keys() {
        return List.of(
                TOPIC_PARTITIONS,
                TOPIC_REPLICATION_FACTOR,
                TIMEOUT_MAX_MS,
                ID_EXPIRATION_MS,
                EXPIRATION_CHECK_MS,
                MARKER_RETRY_MS,
                IDS_MAX,
                PARTITIONS_MAX,
                PENDING_MAX);
    }

    public static TxnConfig from(Configuration c) {
        return new TxnConfig(
                c.get(TOPIC_PARTITIONS),
                c.get(TOPIC_REPLICATION_FACTOR),
                c.get(TIMEOUT_MAX_MS),
                c.get(ID_EXPIRATION_MS),
                c.get(EXPIRATION_CHECK_MS),
                c.get(MARKER_RETRY_MS),
                c.get(IDS_MAX),
                c.get(PARTITIONS_MAX),
                c.get(PENDING_MAX));
    }
}
