package io.robustmq.journal.shard;

import io.robustmq.core.port.EpochEnd;

/**
 * What the leader says to a follower's position, besides the batches behind it.
 *
 * @param logStart of the leader
 * @param divergence where the logs part, when they do
 */
public record FetchAnswer(Outcome outcome, int leaderEpoch, long highWatermark, long logStart, EpochEnd divergence) {
    /** What it means. */
    public enum Outcome {
        /** The logs agree; batches may follow. */
        AGREES,
        /** The follower has what the leader has not. */
        DIVERGES,
        /** The leader has nothing of that time any more. */
        OUT_OF_RANGE,
        /** Not the leader, or not in this epoch: ask again when the image has changed. */
        REFUSED
    }

    public static FetchAnswer refused(int leaderEpoch) {
        return new FetchAnswer(Outcome.REFUSED, leaderEpoch, -1, -1, EpochEnd.UNKNOWN);
    }

    /**
     * The leader's answer.
     *
     * @param ended what the leader's history says of the position's last fetched epoch
     */
    public static FetchAnswer to(
            FetchPosition position,
            int leaderEpoch,
            EpochEnd ended,
            long logStart,
            long endOffset,
            long highWatermark) {
        if (position.leaderEpoch() != leaderEpoch) {
            return refused(leaderEpoch);
        }
        if (position.fetchOffset() < logStart) {
            return new FetchAnswer(Outcome.OUT_OF_RANGE, leaderEpoch, highWatermark, logStart, EpochEnd.UNKNOWN);
        }
        EpochEnd divergence = Divergence.of(ended, position.lastFetchedEpoch(), position.fetchOffset(), logStart);
        if (divergence != null) {
            return new FetchAnswer(Outcome.DIVERGES, leaderEpoch, highWatermark, logStart, divergence);
        }
        Outcome outcome = position.fetchOffset() > endOffset ? Outcome.OUT_OF_RANGE : Outcome.AGREES;
        return new FetchAnswer(outcome, leaderEpoch, highWatermark, logStart, EpochEnd.UNKNOWN);
    }
}
