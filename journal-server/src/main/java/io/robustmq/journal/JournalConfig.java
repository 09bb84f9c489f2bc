package io.robustmq.journal;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.config.TopicSettings.Flush;
import io.robustmq.journal.flush.FlushConfig;
import java.util.List;
import java.util.Locale;

/** What the journal's node-wide configuration says. */
public record JournalConfig(
        Flush flush,
        long flushIntervalMs,
        int diskThreads,
        long retentionCheckMs,
        long inflightBytesMax,
        int waitersMax,
        int producersMax,
        long producerExpirationMs,
        int decompressedBytesMax,
        long orphanDelayMs,
        long cleanerCheckMs,
        int cleanerMapBytes,
        long cleanerBytesPerSecond,
        long replicaLagMs,
        long replicaPaceMs,
        long sentBytesPerSecond,
        long fetchedBytesPerSecond,
        long directoryCheckMs,
        FlushConfig flushing) {
    public static final ConfigKey<String> FLUSH = ConfigKey.oneOf("journal.flush", "auto", "auto", "always", "never")
            .doc("When an append is flushed to the disk before it is answered. auto: a partition with one replica is,"
                    + " one with more is flushed in the background. always: on every replica. never: by the operating"
                    + " system, as with Kafka's defaults; compacted topics in the background.");
    public static final ConfigKey<Long> FLUSH_INTERVAL_MS = ConfigKey.whole("journal.flush.interval.ms", 1_000)
            .min(1)
            .doc("How often what nobody waits for is flushed in the background.");
    public static final ConfigKey<Integer> FLUSH_THREADS = ConfigKey.integer("journal.flush.threads", 4)
            .min(1)
            .max(64)
            .doc("Threads that flush; the file system joins flushes that run at the same time.");
    public static final ConfigKey<Boolean> FLUSH_SHARED = ConfigKey.bool("journal.flush.shared", true)
            .doc("Whether the appends of many partitions share the sync of a write-ahead file; otherwise each partition"
                    + " flushes its own. A write-ahead file that is found is replayed in any case.");
    public static final ConfigKey<Integer> FLUSH_FILES_MAX = ConfigKey.integer("journal.flush.files.max", 2)
            .min(0)
            .doc(
                    "With journal.flush.shared, partitions that flush their own files at the same time; beyond it they share.");
    public static final ConfigKey<Long> WAL_BYTES_MAX = ConfigKey.bytes("journal.wal.bytes.max", 256L << 20)
            .min(4 << 20)
            .doc("Size of the two write-ahead files together, and what a start after a crash replays at most.");
    public static final ConfigKey<Integer> WAL_PARTITION_BYTES_MAX = ConfigKey.integer(
                    "journal.wal.partition.bytes.max", 128 << 10)
            .min(0)
            .max(512 << 10)
            .doc("A partition with more to flush flushes its own file: large appends are not written twice.");
    public static final ConfigKey<Integer> DISK_THREADS = ConfigKey.integer("journal.disk.threads", 4)
            .min(1)
            .max(64)
            .doc("Threads that open, seal and delete segments and look up times.");
    public static final ConfigKey<Long> RETENTION_CHECK_MS = ConfigKey.whole("journal.retention.check.ms", 300_000)
            .min(100)
            .doc("How often partitions are checked against their retention.");
    public static final ConfigKey<Long> INFLIGHT_BYTES_MAX = ConfigKey.bytes("journal.inflight.bytes.max", 128L << 20)
            .min(1 << 20)
            .doc("Bytes of appends that are not answered yet; beyond it appends are refused as OVERLOADED.");
    public static final ConfigKey<Integer> WAITERS_MAX = ConfigKey.integer("journal.waiters.max", 10_000)
            .min(1)
            .doc("Readers waiting at the end of one partition that are woken at once; further ones poll.");
    public static final ConfigKey<Integer> PRODUCERS_MAX = ConfigKey.integer("journal.producers.max", 5_000)
            .min(1)
            .doc("Idempotent producers remembered per partition; beyond it the least recently active is forgotten.");
    public static final ConfigKey<Long> PRODUCER_EXPIRATION_MS = ConfigKey.whole(
                    "journal.producer.expiration.ms", 86_400_000)
            .min(1)
            .doc("A producer that wrote nothing for so long is forgotten.");
    public static final ConfigKey<Integer> DECOMPRESSED_BYTES_MAX = ConfigKey.integer(
                    "journal.decompressed.bytes.max", 64 << 20)
            .min(1 << 20)
            .doc("A batch that unpacks to more is not looked into.");
    public static final ConfigKey<Long> ORPHAN_DELAY_MS = ConfigKey.whole("journal.orphan.delay.ms", 600_000)
            .min(0)
            .doc(
                    "How long after the start a partition found on disk that no topic claims is kept before it is deleted.");

    public static final ConfigKey<Long> CLEANER_CHECK_MS = ConfigKey.whole("journal.cleaner.check.ms", 15_000)
            .min(10)
            .doc("How often partitions with cleanup.policy=compact are checked for what is to be compacted.");
    public static final ConfigKey<Integer> CLEANER_MAP_BYTES = ConfigKey.integer("journal.cleaner.map.bytes", 32 << 20)
            .min(1 << 16)
            .doc(
                    "Memory outside the heap for the keys of one compaction, 32 bytes each; more keys take several passes.");
    public static final ConfigKey<Long> CLEANER_BYTES_PER_SECOND = ConfigKey.bytes(
                    "journal.cleaner.bytes.per.second", 64L << 20)
            .min(1 << 16)
            .doc("Compaction reads and writes no more than this, all partitions of the node together.");

    public static final ConfigKey<Long> REPLICA_LAG_MS = ConfigKey.whole("journal.replica.lag.ms", 10_000)
            .min(100)
            .doc("A replica that has not caught up with its leader for so long is not in sync any more.");

    public static final ConfigKey<Long> REPLICA_PACE_MS = ConfigKey.whole("journal.replica.pace.ms", 1)
            .min(0)
            .max(100)
            .doc(
                    "How long a leader that has just sent records to a replica gathers more before it sends again: a turn of"
                            + " both nodes is shared by what comes within it. What comes after a longer silence is sent at once.");

    public static final ConfigKey<Long> SENT_BYTES_PER_SECOND = ConfigKey.bytes(
                    "leader.replication.throttled.rate", Long.MAX_VALUE)
            .min(0)
            .reload()
            .doc(
                    "What the node sends at most, in bytes a second, to replicas not in sync of partitions that it leads and"
                            + " that their topics list in leader.replication.throttled.replicas.");
    public static final ConfigKey<Long> FETCHED_BYTES_PER_SECOND = ConfigKey.bytes(
                    "follower.replication.throttled.rate", Long.MAX_VALUE)
            .min(0)
            .reload()
            .doc(
                    "What the node fetches at most, in bytes a second, for its replicas not in sync that their topics list in"
                            + " follower.replication.throttled.replicas.");

    public static final ConfigKey<List<String>> DIRECTORIES = ConfigKey.list("journal.dirs", List.of())
            .doc(
                    "Further directories for partitions, each on a disk of its own, beside the one in data.dir. A new partition"
                            + " goes where fewest are. One whose disk fails takes only its partitions offline.");
    public static final ConfigKey<Long> DIRECTORY_CHECK_MS = ConfigKey.whole("journal.dirs.check.ms", 5_000)
            .min(10)
            .doc("With journal.dirs, how often it is looked whether each directory can be written and read.");

    public static List<ConfigKey<?>> keys() {
        return List.of(
                FLUSH,
                FLUSH_INTERVAL_MS,
                FLUSH_THREADS,
                FLUSH_SHARED,
                FLUSH_FILES_MAX,
                WAL_BYTES_MAX,
                WAL_PARTITION_BYTES_MAX,
                DISK_THREADS,
                RETENTION_CHECK_MS,
                INFLIGHT_BYTES_MAX,
                WAITERS_MAX,
                PRODUCERS_MAX,
                PRODUCER_EXPIRATION_MS,
                DECOMPRESSED_BYTES_MAX,
                ORPHAN_DELAY_MS,
                CLEANER_CHECK_MS,
                CLEANER_MAP_BYTES,
                CLEANER_BYTES_PER_SECOND,
                REPLICA_LAG_MS,
                REPLICA_PACE_MS,
                SENT_BYTES_PER_SECOND,
                FETCHED_BYTES_PER_SECOND,
                DIRECTORIES,
                DIRECTORY_CHECK_MS);
    }

    public static JournalConfig from(Configuration values) {
        return new JournalConfig(
                Flush.valueOf(values.get(FLUSH).toUpperCase(Locale.ROOT)),
                values.get(FLUSH_INTERVAL_MS),
                values.get(DISK_THREADS),
                values.get(RETENTION_CHECK_MS),
                values.get(INFLIGHT_BYTES_MAX),
                values.get(WAITERS_MAX),
                values.get(PRODUCERS_MAX),
                values.get(PRODUCER_EXPIRATION_MS),
                values.get(DECOMPRESSED_BYTES_MAX),
                values.get(ORPHAN_DELAY_MS),
                values.get(CLEANER_CHECK_MS),
                values.get(CLEANER_MAP_BYTES),
                values.get(CLEANER_BYTES_PER_SECOND),
                values.get(REPLICA_LAG_MS),
                values.get(REPLICA_PACE_MS),
                values.get(SENT_BYTES_PER_SECOND),
                values.get(FETCHED_BYTES_PER_SECOND),
                values.get(DIRECTORY_CHECK_MS),
                new FlushConfig(
                        values.get(FLUSH_THREADS),
                        values.get(FLUSH_SHARED),
                        values.get(FLUSH_FILES_MAX),
                        values.get(WAL_BYTES_MAX),
                        values.get(WAL_PARTITION_BYTES_MAX)));
    }
}
