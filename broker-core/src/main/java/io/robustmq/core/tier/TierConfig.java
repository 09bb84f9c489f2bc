package io.robustmq.core.tier;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/**
 * How a node keeps segments in an object store.
 *
 * @param store {@link #NO_STORE}, or the kind of store
 */
public record TierConfig(
        String store,
        long checkMs,
        int chunkBytes,
        long cacheBytesMax,
        int readAheadChunks,
        int uploadThreads,
        int uploadNice,
        int fetchThreads,
        long uploadBytesPerSecond,
        long fetchBytesPerSecond,
        long deleteDelayMs,
        long sweepIntervalMs,
        int topicPartitions,
        int topicReplicationFactor) {
    public static final String NO_STORE = "none";

    public static final ConfigKey<String> STORE = ConfigKey.oneOf(
                    "remote.storage.store", NO_STORE, NO_STORE, "directory", "s3", "hdfs")
            .doc("Where segments of topics with remote.storage.enable go: the same place for all nodes of the cluster."
                    + " hdfs is a plug-in. none: such topics are refused.");
    public static final ConfigKey<Long> CHECK_MS = ConfigKey.whole("remote.storage.check.ms", 1_000)
            .min(10)
            .doc("How often partitions are looked at for what is to be stored, or deleted here.");
    public static final ConfigKey<Integer> CHUNK_BYTES = ConfigKey.integer("remote.storage.chunk.bytes", 1 << 20)
            .min(1 << 12)
            .max(64 << 20)
            .doc("What is read of a stored segment at once; for segments that are stored from now on.");
    public static final ConfigKey<Long> CACHE_BYTES_MAX = ConfigKey.bytes("remote.storage.cache.bytes.max", 64L << 20)
            .min(1 << 20)
            .doc("Memory on the heap for what was read of stored segments, and is being read.");
    public static final ConfigKey<Integer> READ_AHEAD_CHUNKS = ConfigKey.integer("remote.storage.readahead.chunks", 8)
            .min(0)
            .max(64)
            .doc("How many chunks are read ahead of a reader that goes on from one to the next.");
    public static final ConfigKey<Integer> UPLOAD_THREADS = ConfigKey.integer("remote.storage.upload.threads", 2)
            .min(1)
            .max(64)
            .doc(
                    "Segments of different partitions that are stored at the same time, and as many again of partitions where"
                            + " another segment waits.");
    public static final ConfigKey<Integer> UPLOAD_NICE = ConfigKey.integer("remote.storage.upload.nice", 10)
            .min(0)
            .max(19)
            .doc(
                    "How far storing a segment leaves the cores to others while no other segment of its partition waits:"
                            + " a nice value, where there is Linux and renice. 0: not at all; 19: it takes what nobody else wants.");
    public static final ConfigKey<Integer> FETCH_THREADS = ConfigKey.integer("remote.storage.fetch.threads", 8)
            .min(1)
            .max(256)
            .doc("Chunks of stored segments that are read at the same time.");
    public static final ConfigKey<Long> UPLOAD_BYTES_PER_SECOND = ConfigKey.bytes(
                    "remote.storage.upload.bytes.per.second", Long.MAX_VALUE)
            .min(1 << 16)
            .doc("What the node stores at most, all partitions together.");
    public static final ConfigKey<Long> FETCH_BYTES_PER_SECOND = ConfigKey.bytes(
                    "remote.storage.fetch.bytes.per.second", Long.MAX_VALUE)
            .min(1 << 16)
            .doc("What the node reads at most of stored segments, all partitions together.");
    public static final ConfigKey<Long> DELETE_DELAY_MS = ConfigKey.whole("remote.storage.delete.delay.ms", 120_000)
            .min(0)
            .doc("How long the objects of a segment that left the log stay, for who is still reading it.");
    public static final ConfigKey<Long> SWEEP_INTERVAL_MS = ConfigKey.whole(
                    "remote.storage.sweep.interval.ms", 3_600_000)
            .min(1_000)
            .doc("How often a leader looks for objects of its partition that nothing refers to; also when it begins.");
    public static final ConfigKey<Integer> TOPIC_PARTITIONS = ConfigKey.integer("remote.storage.topic.partitions", 12)
            .min(1)
            .max(10_000)
            .doc("Partitions of __segments, when it is made.");
    public static final ConfigKey<Integer> TOPIC_REPLICATION_FACTOR = ConfigKey.integer(
                    "remote.storage.topic.replication.factor", -1)
            .min(-1)
            .doc("Replicas of __segments, when it is made; -1 is meta.topic.replication.");

    public static List<ConfigKey<?>> keys() {
        return List.of(
                STORE,
                CHECK_MS,
                CHUNK_BYTES,
                CACHE_BYTES_MAX,
                READ_AHEAD_CHUNKS,
                UPLOAD_THREADS,
                UPLOAD_NICE,
                FETCH_THREADS,
                UPLOAD_BYTES_PER_SECOND,
                FETCH_BYTES_PER_SECOND,
                DELETE_DELAY_MS,
                SWEEP_INTERVAL_MS,
                TOPIC_PARTITIONS,
                TOPIC_REPLICATION_FACTOR);
    }

    public static TierConfig from(Configuration values) {
        return new TierConfig(
                values.get(STORE),
                values.get(CHECK_MS),
                values.get(CHUNK_BYTES),
                values.get(CACHE_BYTES_MAX),
                values.get(READ_AHEAD_CHUNKS),
                values.get(UPLOAD_THREADS),
                values.get(UPLOAD_NICE),
                values.get(FETCH_THREADS),
                values.get(UPLOAD_BYTES_PER_SECOND),
                values.get(FETCH_BYTES_PER_SECOND),
                values.get(DELETE_DELAY_MS),
                values.get(SWEEP_INTERVAL_MS),
                values.get(TOPIC_PARTITIONS),
                values.get(TOPIC_REPLICATION_FACTOR));
    }

    /** Whether topics may have their segments in a store. */
    public boolean isOn() {
        return !store.equals(NO_STORE);
    }
}
