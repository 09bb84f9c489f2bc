package io.robustmq.journal;

import io.robustmq.journal.home.NodeHome;
import io.robustmq.journal.tier.NodeTier;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What all shards of a node share.
 *
 * @param tier the object store; null when there is none
 * @param home for records in the object store; null when there is none
 * @param disk opens, seals, deletes and closes; never used per append
 */
record ShardContext(
        JournalConfig config,
        Flushes flushes,
        Executor disk,
        Inflight inflight,
        JournalMetrics metrics,
        Cleaner cleaner,
        Rooms rooms,
        Replication replication,
        @Nullable NodeTier tier,
        @Nullable NodeHome home,
        MemoryRing ring) {}
