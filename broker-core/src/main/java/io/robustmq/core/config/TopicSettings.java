package io.robustmq.core.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration of a topic, Kafka's names. Every key declared here is enforced; a key that is not is refused when it
 * is set. Parsed once per change of the topic, never on the hot path.
 *
 * @param flush when appends are flushed; {@link Flush#DEFAULT} takes the node's {@code journal.flush}
 */
public record TopicSettings(
        boolean deletes,
        boolean compacts,
        long retentionMs,
        long retentionBytes,
        int segmentBytes,
        long segmentMs,
        int indexIntervalBytes,
        int maxMessageBytes,
        boolean stampsAppendTime,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        int minInsyncReplicas,
        Flush flush,
        String storage) {

    /** When an append is flushed to the disk before it is answered. */
    public enum Flush {
        DEFAULT,
        AUTO,
        ALWAYS,
        NEVER
    }

    public static final ConfigKey<List<String>> CLEANUP_POLICY = ConfigKey.list("cleanup.policy", List.of("delete"))
            .doc("delete: old segments go by time and size. compact: the newest record of each key stays. Or both.");
    public static final ConfigKey<Long> RETENTION_MS = ConfigKey.whole("retention.ms", 604_800_000L)
            .min(-1)
            .doc("Segments whose newest record is older are deleted; -1 keeps them.");
    public static final ConfigKey<Long> RETENTION_BYTES = ConfigKey.bytes("retention.bytes", -1)
            .min(-1)
            .doc(
                    "The oldest segments of a partition are deleted while the rest is at least this large; -1 keeps them.");
    public static final ConfigKey<Integer> SEGMENT_BYTES = ConfigKey.integer("segment.bytes", 1 << 30)
            .min(1 << 14)
            .doc("A segment is sealed before it would become larger.");
    public static final ConfigKey<Long> SEGMENT_MS = ConfigKey.whole("segment.ms", 604_800_000L)
            .min(1)
            .doc("A segment is sealed when its first record is older.");
    public static final ConfigKey<Integer> INDEX_INTERVAL_BYTES = ConfigKey.integer("index.interval.bytes", 4096)
            .min(0)
            .doc("Bytes between two entries of the offset index.");
    public static final ConfigKey<Integer> MAX_MESSAGE_BYTES =
            ConfigKey.integer("max.message.bytes", 1_048_588).min(0).doc("The largest record batch that is accepted.");
    public static final ConfigKey<String> TIMESTAMP_TYPE = ConfigKey.oneOf(
                    "message.timestamp.type", "CreateTime", "CreateTime", "LogAppendTime")
            .doc("Whether records keep the producer's time or get the broker's.");
    public static final ConfigKey<Long> TIMESTAMP_BEFORE_MAX_MS = ConfigKey.whole(
                    "message.timestamp.before.max.ms", Long.MAX_VALUE)
            .min(0)
            .doc("A record older than this against the broker's clock is refused.");
    public static final ConfigKey<Long> TIMESTAMP_AFTER_MAX_MS = ConfigKey.whole(
                    "message.timestamp.after.max.ms", 3_600_000L)
            .min(0)
            .doc("A record newer than this against the broker's clock is refused.");
    public static final ConfigKey<Integer> MIN_INSYNC_REPLICAS = ConfigKey.integer("min.insync.replicas", 1)
            .min(1)
            .doc("With acks=all, appends are refused while fewer replicas are in sync.");
    public static final ConfigKey<Long> FLUSH_MESSAGES = ConfigKey.whole("flush.messages", Long.MAX_VALUE)
            .min(1)
            .doc(
                    "1: every append is flushed before it is answered, as journal.flush=always. Larger values must be the default.");
    public static final ConfigKey<String> STORAGE = ConfigKey.oneOf("storage", "ssd", "ssd", "memory")
            .doc("Where the partitions live. Cannot be changed after creation.");
    public static final ConfigKey<String> COMPRESSION_TYPE = ConfigKey.oneOf("compression.type", "producer", "producer")
            .doc("producer: batches stay as they were sent.");

    private static final Map<String, ConfigKey<?>> KEYS = byName(List.of(
            CLEANUP_POLICY,
            RETENTION_MS,
            RETENTION_BYTES,
            SEGMENT_BYTES,
            SEGMENT_MS,
            INDEX_INTERVAL_BYTES,
            MAX_MESSAGE_BYTES,
            TIMESTAMP_TYPE,
            TIMESTAMP_BEFORE_MAX_MS,
            TIMESTAMP_AFTER_MAX_MS,
            MIN_INSYNC_REPLICAS,
            FLUSH_MESSAGES,
            STORAGE,
            COMPRESSION_TYPE));

    public static final TopicSettings DEFAULTS = of(Map.of());

    /** All keys that a topic can have, in the order of declaration. */
    public static Map<String, ConfigKey<?>> keys() {
        return KEYS;
    }

    /** Throws IllegalArgumentException with a sentence for the first key or value that is not accepted. */
    public static TopicSettings of(Map<String, String> configs) {
        Configuration values = new Configuration(new ArrayList<>(KEYS.values()), configs);
        List<String> cleanup = values.get(CLEANUP_POLICY);
        for (String policy : cleanup) {
            if (!policy.equals("delete") && !policy.equals("compact")) {
                throw new IllegalArgumentException("cleanup.policy=" + policy + ": must be delete, compact or both");
            }
        }
        long flushMessages = values.get(FLUSH_MESSAGES);
        if (flushMessages != 1 && flushMessages != Long.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "flush.messages=" + flushMessages + ": only 1 or the default is supported");
        }
        return new TopicSettings(
                cleanup.contains("delete"),
                cleanup.contains("compact"),
                values.get(RETENTION_MS),
                values.get(RETENTION_BYTES),
                values.get(SEGMENT_BYTES),
                values.get(SEGMENT_MS),
                values.get(INDEX_INTERVAL_BYTES),
                values.get(MAX_MESSAGE_BYTES),
                values.get(TIMESTAMP_TYPE).equals("LogAppendTime"),
                values.get(TIMESTAMP_BEFORE_MAX_MS),
                values.get(TIMESTAMP_AFTER_MAX_MS),
                values.get(MIN_INSYNC_REPLICAS),
                flushMessages == 1 ? Flush.ALWAYS : Flush.DEFAULT,
                values.get(STORAGE));
    }

    private static Map<String, ConfigKey<?>> byName(List<ConfigKey<?>> keys) {
        Map<String, ConfigKey<?>> byName = new LinkedHashMap<>();
        keys.forEach(key -> byName.put(key.name(), key));
        return Collections.unmodifiableMap(byName);
    }
}
