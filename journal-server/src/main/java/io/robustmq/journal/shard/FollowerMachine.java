package io.robustmq.journal.shard;

import io.robustmq.core.port.EpochEnd;
import io.robustmq.journal.shard.FetchAnswer.Outcome;
import java.util.function.IntFunction;

/**
 * What a follower does with its leader's answers. Owned by the shard loop; no I/O, no clock.
 *
 * <pre>
 *   position ──► answer ──► APPEND, CUT, RESTART, BEGIN_STORED or WAIT ──► done ──► position ...
 * </pre>
 *
 * An answer of another epoch than the one followed, or to a position that is not the present one, is left alone. A log that was
 * cut and has grown again may end where it did: the epoch of its end tells the difference.
 */
public final class FollowerMachine {
    private int leaderEpoch = -1;
    private boolean following;

    /** What is to be done. */
    public enum Kind {
        /** Append the batches, if any, and take the high watermark. */
        APPEND,
        /** Cut the log off at the offset. */
        CUT,
        /** Begin an empty log at the offset. */
        RESTART,
        /** Begin an empty log at the offset, with what the object store has beside what lies before. */
        BEGIN_STORED,
        /** Nothing: the leader is not, or not yet, what the image says. */
        WAIT
    }

    /**
     * What is to be done, and with what.
     *
     * @param offset for CUT, RESTART and BEGIN_STORED; for APPEND the high watermark that the leader told
     */
    public record Step(Kind kind, long offset) {}

    public void follow(int epoch) {
        leaderEpoch = epoch;
        following = true;
    }

    public void stop() {
        following = false;
    }

    public boolean follows() {
        return following;
    }

    /** What to ask the leader. */
    public FetchPosition position(long endOffset, int lastEpoch) {
        return new FetchPosition(leaderEpoch, endOffset, lastEpoch);
    }

    /**
     * Says what follows from an answer; changes nothing.
     *
     * @param asked the position that is answered
     * @param present the position by now
     * @param own what this log's history says of an epoch
     */
    public Step onAnswer(
            FetchPosition asked, FetchAnswer answer, FetchPosition present, IntFunction<EpochEnd> own, long logStart) {
        boolean expected = following && answer.leaderEpoch() == leaderEpoch && asked.equals(present);
        if (!expected || answer.outcome() == Outcome.REFUSED) {
            return new Step(Kind.WAIT, -1);
        }
        if (answer.outcome() == Outcome.AGREES) {
            return new Step(Kind.APPEND, answer.highWatermark());
        }
        if (answer.outcome() == Outcome.OUT_OF_RANGE) {
            return new Step(Kind.RESTART, answer.logStart());
        }
        if (answer.outcome() == Outcome.STORED) {
            return new Step(Kind.BEGIN_STORED, answer.storedEnd());
        }
        EpochEnd divergence = answer.divergence();
        EpochEnd end = own.apply(divergence.leaderEpoch());
        return new Step(Kind.CUT, Divergence.cut(divergence, end, logStart, present.fetchOffset()));
    }
}
