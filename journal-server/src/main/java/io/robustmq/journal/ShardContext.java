package io.robustmq.journal;

import java.util.concurrent.Executor;

/**
 * What all shards of a node share.
 *
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
        Replication replication) {}
