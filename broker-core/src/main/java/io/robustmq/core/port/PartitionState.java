package io.robustmq.core.port;

/**
 * What is known of a local replica at one moment; immutable.
 *
 * @param logEndOffset the offset the next record will get
 * @param highWatermark what readers may see ends here
 * @param lastStableOffset no open transaction begins below it
 * @param sizeBytes of all segments
 */
public record PartitionState(
        boolean leader,
        int leaderEpoch,
        long logStartOffset,
        long lastStableOffset,
        long highWatermark,
        long logEndOffset,
        long sizeBytes) {
    public long visibleEnd(Isolation isolation) {
        return isolation == Isolation.READ_COMMITTED ? lastStableOffset : highWatermark;
    }
}
