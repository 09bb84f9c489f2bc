package io.robustmq.core.share;

import org.jspecify.annotations.Nullable;

/**
 * Records next to each other that are alike.
 *
 * @param deliveries how often they were acquired
 * @param memberId who acquired them; null unless acquired
 * @param lockedUntilMs when they become available again; 0 unless acquired
 * @param leaderEpoch of the leader through which they were acquired, if it was said; 0 unless acquired
 * @param rejected a member said that nobody shall try again; a coordinator that starts again has forgotten it
 */
record Run(
        long first,
        long last,
        RecordState state,
        int deliveries,
        @Nullable String memberId,
        long lockedUntilMs,
        int leaderEpoch,
        boolean rejected) {
    Run {
        if (first > last || first < 0) {
            throw new IllegalArgumentException("records " + first + " to " + last);
        }
    }

    static Run available(long first, long last, int deliveries) {
        return new Run(first, last, RecordState.AVAILABLE, deliveries, null, 0, 0, false);
    }

    static Run nothing(long first, long last) {
        return new Run(first, last, RecordState.ARCHIVED, 0, null, 0, 0, false);
    }

    static Run acquired(long first, long last, int deliveries, String memberId, long untilMs, int leaderEpoch) {
        return new Run(first, last, RecordState.ACQUIRED, deliveries, memberId, untilMs, leaderEpoch, false);
    }

    /** In a state in which nobody holds them. */
    Run in(RecordState next) {
        return new Run(first, last, next, deliveries, null, 0, 0, false);
    }

    /** Nobody gets them any more, and their dead letters are to be written. */
    Run archiving(boolean asRejected) {
        return new Run(first, last, RecordState.ARCHIVING, deliveries, null, 0, 0, asRejected);
    }

    Run part(long from, long to) {
        return new Run(from, to, state, deliveries, memberId, lockedUntilMs, leaderEpoch, rejected);
    }

    /** There are no records here: offsets that compaction, control batches or aborted transactions left. */
    boolean gap() {
        return state == RecordState.ARCHIVED && deliveries == 0;
    }

    long count() {
        return last - first + 1;
    }

    boolean isHeldBy(String member) {
        return state == RecordState.ACQUIRED && member.equals(memberId);
    }

    private boolean isLike(Run other) {
        return state == other.state
                && deliveries == other.deliveries
                && lockedUntilMs == other.lockedUntilMs
                && leaderEpoch == other.leaderEpoch
                && rejected == other.rejected
                && String.valueOf(memberId).equals(String.valueOf(other.memberId));
    }

    boolean continues(Run before) {
        return before.last + 1 == first && isLike(before);
    }
}
