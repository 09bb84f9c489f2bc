package io.robustmq.journal.shard;

import io.robustmq.core.port.EpochEnd;
import org.jspecify.annotations.Nullable;

/**
 * Where a follower's log and its leader's part, by leader epochs (KIP-101, KIP-279): two logs that have a record of the same
 * epoch at the same offset are the same up to it. Stateless.
 */
public final class Divergence {
    private Divergence() {}

    /**
     * What the leader answers to a fetch: null when the follower's log is the beginning of its own, else the newest epoch
     * that they may have in common, and where it ends in the leader's log.
     *
     * @param ended what the leader's history says of {@code lastFetchedEpoch}
     * @param logStart of the leader
     */
    public static @Nullable EpochEnd of(EpochEnd ended, int lastFetchedEpoch, long fetchOffset, long logStart) {
        if (lastFetchedEpoch < 0) {
            return null;
        }
        if (ended.endOffset() < 0) {
            return new EpochEnd(-1, logStart);
        }
        boolean agrees = ended.leaderEpoch() == lastFetchedEpoch && ended.endOffset() >= fetchOffset;
        return agrees ? null : ended;
    }

    /**
     * Where the follower cuts its log off, whatever its high watermark is; below {@code endOffset}, unless there was nothing to
     * cut.
     *
     * @param leaders what the leader answered
     * @param own what the follower's history says of the leader's epoch
     */
    public static long cut(EpochEnd leaders, EpochEnd own, long logStart, long endOffset) {
        long kept = own.endOffset() < 0 ? logStart : own.endOffset();
        return Math.max(logStart, Math.min(endOffset, Math.min(leaders.endOffset(), kept)));
    }
}
