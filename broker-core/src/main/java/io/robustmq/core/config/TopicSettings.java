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
 * @param takesDeadLetters whether share groups may write here what they give up
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
        String storage,
        Compaction compaction,
        long segmentJitterMs,
        Compress compress,
        boolean takesDeadLetters,
        Throttled throttled,
        Tiering tiering) {

    /**
     * When and how a topic with {@code compact} is compacted.
     *
     * @param deleteRetentionMs how long tombstones stay after they were compacted first
     * @param minDirtyRatio of the bytes not compacted yet to all that may be
     * @param minLagMs records younger than this stay as they are
     * @param maxLagMs records older than this are compacted at any ratio
     */
    public record Compaction(long deleteRetentionMs, double minDirtyRatio, long minLagMs, long maxLagMs) {}

    /**
     * What batches are packed with when they are appended.
     *
     * @param id as in a batch's attributes; {@link #AS_SENT} leaves batches alone
     */
    public record Compress(int id, int level) {
        public static final int AS_SENT = -1;
    }

    /**
     * What of a partition is kept here, when its segments are in an object store too.
     *
     * @param stores whether they are
     * @param copies whether further ones go there; what is there is read either way
     * @param deletesWhenDisabled whether it may be taken back, which deletes what is there
     * @param localRetentionMs effective: that of the topic, unless there is one for what is kept here; -1 for ever
     * @param localRetentionBytes likewise
     */
    public record Tiering(
            boolean stores,
            boolean copies,
            boolean deletesWhenDisabled,
            long localRetentionMs,
            long localRetentionBytes) {}

    /** Which replicas are copied no faster than the rate of their node: at leaders, which send, and at followers. */
    public record Throttled(ThrottledReplicas leaders, ThrottledReplicas followers) {}

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
            .doc("While fewer replicas are in sync, nothing is committed, and appends with acks=all are refused.");
    public static final ConfigKey<Long> FLUSH_MESSAGES = ConfigKey.whole("flush.messages", Long.MAX_VALUE)
            .min(1)
            .doc(
                    "1: every append is flushed before it is answered, as journal.flush=always. Larger values must be the default.");
    public static final ConfigKey<String> STORAGE = ConfigKey.oneOf("storage", "ssd", "ssd", "memory", "s3", "hdfs")
            .doc(
                    "Where the partitions live. With s3 and hdfs the records are in the object store (remote.storage.store)"
                            + " before an append is answered, and the disks have only where. Cannot be changed after creation.");
    public static final ConfigKey<String> COMPRESSION_TYPE = ConfigKey.oneOf(
                    "compression.type", "producer", "producer", "uncompressed", "gzip", "snappy", "lz4", "zstd")
            .doc("producer: batches stay as they were sent. Else batches packed otherwise are packed again.");
    public static final ConfigKey<Integer> GZIP_LEVEL = ConfigKey.integer("compression.gzip.level", -1)
            .min(-1)
            .max(9)
            .doc("For compression.type=gzip; -1 is zlib's default.");
    public static final ConfigKey<Integer> LZ4_LEVEL =
            ConfigKey.integer("compression.lz4.level", 9).min(1).max(17).doc("For compression.type=lz4.");
    public static final ConfigKey<Integer> ZSTD_LEVEL =
            ConfigKey.integer("compression.zstd.level", 3).min(-131072).max(22).doc("For compression.type=zstd.");
    public static final ConfigKey<Long> DELETE_RETENTION_MS = ConfigKey.whole("delete.retention.ms", 86_400_000L)
            .min(0)
            .doc("How long a record without value, or a transaction's marker, stays after it was compacted first.");
    public static final ConfigKey<Double> MIN_DIRTY_RATIO = ConfigKey.real("min.cleanable.dirty.ratio", 0.5)
            .min(0)
            .max(1)
            .doc("A partition is compacted when more of its bytes than this were not compacted before.");
    public static final ConfigKey<Long> MIN_COMPACTION_LAG_MS =
            ConfigKey.whole("min.compaction.lag.ms", 0).min(0).doc("Younger records are not compacted.");
    public static final ConfigKey<Long> MAX_COMPACTION_LAG_MS = ConfigKey.whole("max.compaction.lag.ms", Long.MAX_VALUE)
            .min(1)
            .doc("Older records are compacted at any dirty ratio; their segment is sealed for it.");
    public static final ConfigKey<Long> SEGMENT_JITTER_MS = ConfigKey.whole("segment.jitter.ms", 0)
            .min(0)
            .doc("Segments are sealed earlier than segment.ms by up to this, each by another part of it.");
    public static final ConfigKey<Integer> SEGMENT_INDEX_BYTES = ConfigKey.integer("segment.index.bytes", 10_485_760)
            .min(2 << 20)
            .doc("No index of a segment ever exceeds the smallest value.");

    public static final ConfigKey<Boolean> TAKES_DEAD_LETTERS = ConfigKey.bool(
                    "errors.deadletterqueue.group.enable", false)
            .doc("Whether share groups may have the topic as their dead letter queue.");

    public static final ConfigKey<List<String>> THROTTLED_LEADERS = ConfigKey.list(
                    "leader.replication.throttled.replicas", List.of())
            .doc("Replicas (partition:node, or *) that, where they lead, send to those not in sync no more than"
                    + " leader.replication.throttled.rate of their node.");
    public static final ConfigKey<List<String>> THROTTLED_FOLLOWERS = ConfigKey.list(
                    "follower.replication.throttled.replicas", List.of())
            .doc("Replicas (partition:node, or *) that, while not in sync, fetch no more than"
                    + " follower.replication.throttled.rate of their node.");

    public static final ConfigKey<Boolean> REMOTE_STORAGE_ENABLE = ConfigKey.bool("remote.storage.enable", false)
            .doc(
                    "Whether full segments go to the object store (remote.storage.store), so that the topic may be larger than"
                            + " the disks. Not with compaction. Taken back only with remote.log.delete.on.disable=true.");
    public static final ConfigKey<Long> LOCAL_RETENTION_MS = ConfigKey.whole("local.retention.ms", -2)
            .min(-2)
            .doc("With remote.storage.enable, segments whose newest record is older are deleted here, once they are"
                    + " stored; -2: as retention.ms.");
    public static final ConfigKey<Long> LOCAL_RETENTION_BYTES = ConfigKey.bytes("local.retention.bytes", -2)
            .min(-2)
            .doc(
                    "With remote.storage.enable, the oldest stored segments are deleted here while the rest is at least this"
                            + " large; -2: as retention.bytes.");
    public static final ConfigKey<Boolean> REMOTE_LOG_COPY_DISABLE = ConfigKey.bool("remote.log.copy.disable", false)
            .doc("With remote.storage.enable, no further segments go to the object store. What is there is read as"
                    + " before; local.retention.* must be as retention.*, or -2.");
    public static final ConfigKey<Boolean> REMOTE_LOG_DELETE_ON_DISABLE = ConfigKey.bool(
                    "remote.log.delete.on.disable", false)
            .doc("Whether remote.storage.enable may go from true to false: then all that is in the object store is"
                    + " deleted, and the log begins with what is here.");

    /** Kafka's other keys: known, but only with their default, which is what happens. */
    private static final List<ConfigKey<?>> AS_THEY_ARE = List.of(
            ConfigKey.whole("file.delete.delay.ms", 60_000)
                    .only()
                    .doc("Readers keep what they read of a deleted segment, so nothing waits. Only the default."),
            ConfigKey.whole("flush.ms", Long.MAX_VALUE)
                    .only()
                    .doc("See journal.flush and journal.flush.interval.ms. Only the default."),
            ConfigKey.bool("preallocate", false).only().doc("Files grow by appends. Only the default."),
            ConfigKey.bool("unclean.leader.election.enable", false)
                    .only()
                    .doc("A replica that is not in sync never leads. Only the default."));

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
            COMPRESSION_TYPE,
            GZIP_LEVEL,
            LZ4_LEVEL,
            ZSTD_LEVEL,
            DELETE_RETENTION_MS,
            MIN_DIRTY_RATIO,
            MIN_COMPACTION_LAG_MS,
            MAX_COMPACTION_LAG_MS,
            SEGMENT_JITTER_MS,
            SEGMENT_INDEX_BYTES,
            TAKES_DEAD_LETTERS,
            THROTTLED_LEADERS,
            THROTTLED_FOLLOWERS,
            REMOTE_STORAGE_ENABLE,
            LOCAL_RETENTION_MS,
            LOCAL_RETENTION_BYTES,
            REMOTE_LOG_COPY_DISABLE,
            REMOTE_LOG_DELETE_ON_DISABLE));

    private static final long AS_RETENTION = -2;

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
                values.get(STORAGE),
                compaction(values),
                values.get(SEGMENT_JITTER_MS),
                compress(values),
                values.get(TAKES_DEAD_LETTERS),
                new Throttled(
                        ThrottledReplicas.of(THROTTLED_LEADERS, values.get(THROTTLED_LEADERS)),
                        ThrottledReplicas.of(THROTTLED_FOLLOWERS, values.get(THROTTLED_FOLLOWERS))),
                tiering(values, cleanup));
    }

    /** Whether the records live in the object store, and the log here only says where. */
    public boolean isHome() {
        return isHome(storage);
    }

    /** Whether a topic of these configurations has segments in the object store. */
    public static boolean isStored(Map<String, String> configs) {
        return "true".equals(configs.get(REMOTE_STORAGE_ENABLE.name()))
                || isHome(configs.getOrDefault(STORAGE.name(), ""));
    }

    private static boolean isHome(String storage) {
        return storage.equals("s3") || storage.equals("hdfs");
    }

    private static Tiering home(Configuration values, List<String> cleanup) {
        String home = "storage=" + values.get(STORAGE);
        if (cleanup.contains("compact")) {
            throw new IllegalArgumentException("cleanup.policy=compact: not with " + home);
        }
        for (ConfigKey<Long> key : List.of(LOCAL_RETENTION_MS, LOCAL_RETENTION_BYTES)) {
            if (values.get(key) != AS_RETENTION) {
                throw new IllegalArgumentException(
                        key.name() + "=" + values.get(key) + ": not with " + home + ", which keeps no records here");
            }
        }
        if (values.get(REMOTE_LOG_COPY_DISABLE)) {
            throw new IllegalArgumentException("remote.log.copy.disable=true: not with " + home);
        }
        return new Tiering(true, true, false, -1, 0);
    }

    /** What Kafka refuses, in its words. */
    private static Tiering tiering(Configuration values, List<String> cleanup) {
        if (isHome(values.get(STORAGE))) {
            return home(values, cleanup);
        }
        boolean stores = values.get(REMOTE_STORAGE_ENABLE);
        long localMs = values.get(LOCAL_RETENTION_MS);
        long localBytes = values.get(LOCAL_RETENTION_BYTES);
        boolean copies = !values.get(REMOTE_LOG_COPY_DISABLE);
        if (stores) {
            if (cleanup.contains("compact")) {
                throw new IllegalArgumentException("Remote log storage is unsupported for the compacted topics");
            }
            if (!values.get(STORAGE).equals("ssd")) {
                throw new IllegalArgumentException(
                        "remote.storage.enable=true: not with storage=" + values.get(STORAGE));
            }
            checkLocal(LOCAL_RETENTION_MS, localMs, RETENTION_MS, values.get(RETENTION_MS));
            checkLocal(LOCAL_RETENTION_BYTES, localBytes, RETENTION_BYTES, values.get(RETENTION_BYTES));
            if (!copies) {
                checkSame(LOCAL_RETENTION_BYTES, localBytes, RETENTION_BYTES, values.get(RETENTION_BYTES));
                checkSame(LOCAL_RETENTION_MS, localMs, RETENTION_MS, values.get(RETENTION_MS));
            }
        }
        return new Tiering(
                stores,
                copies,
                values.get(REMOTE_LOG_DELETE_ON_DISABLE),
                localMs == AS_RETENTION ? values.get(RETENTION_MS) : localMs,
                localBytes == AS_RETENTION ? values.get(RETENTION_BYTES) : localBytes);
    }

    private static void checkLocal(ConfigKey<?> key, long local, ConfigKey<?> wholeKey, long whole) {
        if (whole == -1 || local == AS_RETENTION) {
            return;
        }
        String begin = "Invalid value " + local + " for configuration " + key.name() + ": ";
        if (local == -1) {
            throw new IllegalArgumentException(
                    begin + "Value must not be -1 as " + wholeKey.name() + " value is set as " + whole + ".");
        }
        if (local > whole) {
            throw new IllegalArgumentException(
                    begin + "Value must not be more than property " + wholeKey.name() + " value: " + whole);
        }
    }

    private static void checkSame(ConfigKey<?> key, long local, ConfigKey<?> wholeKey, long whole) {
        if (local != AS_RETENTION && local != whole) {
            throw new IllegalArgumentException("When `remote.log.copy.disable` is set to true, the `" + key.name()
                    + "` and `" + wholeKey.name() + "` must be set to the identical value because there will be no more"
                    + " logs copied to the remote storage.");
        }
    }

    /** The same with segments that are no larger, and sealed no later. */
    public TopicSettings withSegments(int bytesMax, long msMax) {
        return new TopicSettings(
                deletes,
                compacts,
                retentionMs,
                retentionBytes,
                Math.min(segmentBytes, bytesMax),
                Math.min(segmentMs, msMax),
                indexIntervalBytes,
                maxMessageBytes,
                stampsAppendTime,
                timestampBeforeMaxMs,
                timestampAfterMaxMs,
                minInsyncReplicas,
                flush,
                storage,
                compaction,
                segmentJitterMs,
                compress,
                takesDeadLetters,
                throttled,
                tiering);
    }

    /** After how long a segment is sealed, jitter left out. */
    public long rollMs() {
        return compacts ? Math.min(segmentMs, compaction.maxLagMs()) : segmentMs;
    }

    private static Compaction compaction(Configuration values) {
        Compaction compaction = new Compaction(
                values.get(DELETE_RETENTION_MS),
                values.get(MIN_DIRTY_RATIO),
                values.get(MIN_COMPACTION_LAG_MS),
                values.get(MAX_COMPACTION_LAG_MS));
        if (compaction.minLagMs() > compaction.maxLagMs()) {
            throw new IllegalArgumentException("min.compaction.lag.ms=" + compaction.minLagMs()
                    + ": must not exceed max.compaction.lag.ms=" + compaction.maxLagMs());
        }
        return compaction;
    }

    private static Compress compress(Configuration values) {
        return switch (values.get(COMPRESSION_TYPE)) {
            case "uncompressed" -> new Compress(0, 0);
            case "gzip" -> new Compress(1, values.get(GZIP_LEVEL));
            case "snappy" -> new Compress(2, 0);
            case "lz4" -> new Compress(3, values.get(LZ4_LEVEL));
            case "zstd" -> new Compress(4, values.get(ZSTD_LEVEL));
            default -> new Compress(Compress.AS_SENT, 0);
        };
    }

    private static Map<String, ConfigKey<?>> byName(List<ConfigKey<?>> keys) {
        Map<String, ConfigKey<?>> byName = new LinkedHashMap<>();
        keys.forEach(key -> byName.put(key.name(), key));
        AS_THEY_ARE.forEach(key -> byName.put(key.name(), key));
        return Collections.unmodifiableMap(byName);
    }
}
