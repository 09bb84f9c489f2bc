package io.robustmq.journal.shard;

import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.PartitionState;

/**
 * What the leader says to a follower's position, besides the batches behind it.
 *
 * @param logStart of the leader
 * @param localStart from where on the leader has the log; what lies below is in the object store
 * @param divergence where the logs part, when they do
 * @param storedEnd for STORED, where the follower's log goes on
 */
public record FetchAnswer(
        Outcome outcome,
        int leaderEpoch,
        long highWatermark,
        long logStart,
        long localStart,
        EpochEnd divergence,
        long storedEnd) {
    private static final long NOWHERE = -1;

    /** What it means. */
    public enum Outcome {
        /** The logs agree; batches may follow. */
        AGREES,
        /** The follower has what the leader has not. */
        DIVERGES,
        /** The leader has nothing of that time any more. */
        OUT_OF_RANGE,
        /** The object store has what the follower lacks: its log goes on where that ends. */
        STORED,
        /** Not the leader, or not in this epoch: ask again when the image has changed. */
        REFUSED
    }

    /** Of a log that is all here. */
    public FetchAnswer(Outcome outcome, int leaderEpoch, long highWatermark, long logStart, EpochEnd divergence) {
        this(outcome, leaderEpoch, highWatermark, logStart, logStart, divergence, NOWHERE);
    }

    /**
     * The leader's log.
     *
     * @param storedEnd up to where the object store has it, -1 when it has nothing, or that is not known
     */
    public record Log(long start, long localStart, long storedEnd, long end, long highWatermark) {
        public static Log of(PartitionState state, long highWatermark) {
            return new Log(
                    state.logStartOffset(),
                    state.localStartOffset(),
                    state.storedEndOffset(),
                    state.logEndOffset(),
                    highWatermark);
        }
    }

    public static FetchAnswer refused(int leaderEpoch) {
        return new FetchAnswer(Outcome.REFUSED, leaderEpoch, -1, -1, EpochEnd.UNKNOWN);
    }

    /** The answer of a leader with all of its log. */
    public static FetchAnswer to(
            FetchPosition position,
            int leaderEpoch,
            EpochEnd ended,
            long logStart,
            long endOffset,
            long highWatermark) {
        return to(position, leaderEpoch, ended, new Log(logStart, logStart, NOWHERE, endOffset, highWatermark));
    }

    /**
     * The leader's answer.
     *
     * @param ended what the leader's history says of the position's last fetched epoch
     */
    public static FetchAnswer to(FetchPosition position, int leaderEpoch, EpochEnd ended, Log log) {
        if (position.leaderEpoch() != leaderEpoch) {
            return refused(leaderEpoch);
        }
        boolean isEmpty = position.lastFetchedEpoch() < 0 && position.fetchOffset() < log.storedEnd;
        if (position.fetchOffset() < log.localStart || isEmpty) {
            return outside(leaderEpoch, log);
        }
        EpochEnd divergence = Divergence.of(ended, position.lastFetchedEpoch(), position.fetchOffset(), log.localStart);
        if (divergence != null) {
            return answer(Outcome.DIVERGES, leaderEpoch, log, divergence);
        }
        return position.fetchOffset() > log.end
                ? outside(leaderEpoch, log)
                : answer(Outcome.AGREES, leaderEpoch, log, EpochEnd.UNKNOWN);
    }

    private static FetchAnswer outside(int leaderEpoch, Log log) {
        boolean isStored = log.storedEnd >= log.localStart && log.storedEnd > log.start;
        if (isStored) {
            return answer(Outcome.STORED, leaderEpoch, log, EpochEnd.UNKNOWN);
        }
        // Where the store ends is not known yet.
        return log.localStart > log.start
                ? refused(leaderEpoch)
                : answer(Outcome.OUT_OF_RANGE, leaderEpoch, log, EpochEnd.UNKNOWN);
    }

    private static FetchAnswer answer(Outcome outcome, int leaderEpoch, Log log, EpochEnd divergence) {
        long storedEnd = outcome == Outcome.STORED ? log.storedEnd : NOWHERE;
        return new FetchAnswer(
                outcome, leaderEpoch, log.highWatermark, log.start, log.localStart, divergence, storedEnd);
    }
}
