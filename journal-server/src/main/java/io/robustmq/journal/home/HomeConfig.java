package io.robustmq.journal.home;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/** How a node keeps the records of topics that live in the object store. */
public record HomeConfig(
        long lingerMs,
        int packBytes,
        long pendingBytesMax,
        int putThreads,
        int streamBytes,
        long streamMs,
        long rewriteMs,
        int rewriteThreads,
        long sweepIntervalMs) {
    public static final ConfigKey<Long> LINGER_MS = ConfigKey.whole("storage.linger.ms", 250)
            .min(0)
            .max(60_000)
            .doc("With storage=s3|hdfs: how long an append waits for others that are stored in the same object.");
    public static final ConfigKey<Integer> PACK_BYTES = ConfigKey.integer("storage.pack.bytes", 4 << 20)
            .min(1 << 12)
            .max(256 << 20)
            .doc("With storage=s3|hdfs: what is stored in one object before storage.linger.ms is over.");
    public static final ConfigKey<Long> PENDING_BYTES_MAX = ConfigKey.bytes("storage.pending.bytes.max", 128L << 20)
            .min(1 << 20)
            .doc(
                    "With storage=s3|hdfs: appends that are not stored yet, all partitions together; further ones are refused.");
    public static final ConfigKey<Integer> PUT_THREADS = ConfigKey.integer("storage.put.threads", 8)
            .min(1)
            .max(256)
            .doc("With storage=s3|hdfs: objects that are stored, or files that are appended to, at the same time.");
    public static final ConfigKey<Integer> STREAM_BYTES = ConfigKey.integer("storage.stream.bytes", 128 << 20)
            .min(1 << 12)
            .max(1 << 30)
            .doc("With storage=hdfs: from which size on a file gets no further appends.");
    public static final ConfigKey<Long> STREAM_MS = ConfigKey.whole("storage.stream.ms", 600_000)
            .min(100)
            .max(86_400_000)
            .doc("With storage=hdfs: for how long a file is open for further appends.");
    public static final ConfigKey<Long> REWRITE_MS = ConfigKey.whole("storage.rewrite.ms", 3_600_000)
            .min(100)
            .doc(
                    "With storage=s3|hdfs: after how long, or segment.bytes, the records of a partition are stored again in an"
                            + " object of their own.");
    public static final ConfigKey<Integer> REWRITE_THREADS = ConfigKey.integer("storage.rewrite.threads", 16)
            .min(1)
            .max(256)
            .doc(
                    "With storage=s3|hdfs: reads of shared objects at the same time, to store records again in objects of their own.");
    public static final ConfigKey<Long> SWEEP_INTERVAL_MS = ConfigKey.whole("storage.sweep.interval.ms", 300_000)
            .min(100)
            .doc(
                    "With storage=s3|hdfs: how often it is looked for shared objects that nothing refers to any more. They are"
                            + " deleted remote.storage.delete.delay.ms later.");

    public static List<ConfigKey<?>> keys() {
        return List.of(
                LINGER_MS,
                PACK_BYTES,
                PENDING_BYTES_MAX,
                PUT_THREADS,
                STREAM_BYTES,
                STREAM_MS,
                REWRITE_MS,
                REWRITE_THREADS,
                SWEEP_INTERVAL_MS);
    }

    public static HomeConfig from(Configuration values) {
        return new HomeConfig(
                values.get(LINGER_MS),
                values.get(PACK_BYTES),
                values.get(PENDING_BYTES_MAX),
                values.get(PUT_THREADS),
                values.get(STREAM_BYTES),
                values.get(STREAM_MS),
                values.get(REWRITE_MS),
                values.get(REWRITE_THREADS),
                values.get(SWEEP_INTERVAL_MS));
    }
}
