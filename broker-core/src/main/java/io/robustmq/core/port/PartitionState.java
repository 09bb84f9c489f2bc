package io.robustmq.core.port;

/**
 * What is known of a local replica at one moment; immutable.
 *
 * @param logEndOffset the offset the next record will get
 * @param highWatermark what readers may see ends here
 * @param lastStableOffset no open transaction begins below it
 * @param sizeBytes of all segments that are here
 * @param localStartOffset what lies below is in the object store only
 * @param storedEndOffset up to where the object store has the log; -1 when there is nothing of it
 */
public record PartitionState(
        boolean leader,
        int leaderEpoch,
        long logStartOffset,
        long lastStableOffset,
        long highWatermark,
        long logEndOffset,
        long sizeBytes,
        long localStartOffset,
        long storedEndOffset) {
    public static final long NOTHING_STORED = -1;

    /** All of it is here. */
    public PartitionState(
            boolean leader,
            int leaderEpoch,
            long logStartOffset,
            long lastStableOffset,
            long highWatermark,
            long logEndOffset,
            long sizeBytes) {
        this(
                leader,
                leaderEpoch,
                logStartOffset,
                lastStableOffset,
                highWatermark,
                logEndOffset,
                sizeBytes,
                logStartOffset,
                NOTHING_STORED);
    }

    public long visibleEnd(Isolation isolation) {
        return isolation == Isolation.READ_COMMITTED ? lastStableOffset : highWatermark;
    }
}
