package io.robustmq.journal.clean;

/**
 * What the planner knows of a segment that is full and forced.
 *
 * @param maxTimestampMs negative when no record has one
 * @param openedAtMs when it began to be written, or was found at a start
 */
public record SealedSegment(long baseOffset, long nextOffset, int bytes, long maxTimestampMs, long openedAtMs) {
    /** No record in it is older, as far as is known. */
    long oldestMs() {
        return maxTimestampMs < 0 ? openedAtMs : Math.min(maxTimestampMs, openedAtMs);
    }
}
