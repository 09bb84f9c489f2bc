package io.robustmq.journal.log;

import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;

/**
 * What other threads may know and read of a shard at one moment. Immutable; published by the shard loop through a volatile
 * field, so that reading needs no hop. Bytes below the high watermark never change.
 */
public final class ShardView {
    private static final Segment[] NONE = new Segment[0];

    final Segment[] segments;
    final long previousOffset;
    final int previousPosition;
    private final PartitionState state;
    private final int visibleSegment;
    private final int visiblePosition;

    /**
     * @param visibleSegment index of the segment where the high watermark lies, -1 if there is none
     * @param previousOffset the high watermark before this one, which is where tailing readers stand
     * @param previousPosition where that is in the visible segment, -1 if elsewhere
     */
    ShardView(
            PartitionState state,
            Segment[] segments,
            int visibleSegment,
            int visiblePosition,
            long previousOffset,
            int previousPosition) {
        this.state = state;
        this.segments = segments;
        this.visibleSegment = visibleSegment;
        this.visiblePosition = visiblePosition;
        this.previousOffset = previousOffset;
        this.previousPosition = previousPosition;
    }

    /** Of a shard that cannot be read now: being opened, closed, or offline. */
    public static ShardView unreadable(int leaderEpoch) {
        return new ShardView(new PartitionState(false, leaderEpoch, 0, 0, 0, 0, 0), NONE, -1, 0, 0, -1);
    }

    public PartitionState state() {
        return state;
    }

    public long visibleEnd(Isolation isolation) {
        return state.visibleEnd(isolation);
    }

    /** Bytes of the segment at {@code index} that are below the high watermark. */
    int limit(int index) {
        if (index == visibleSegment) {
            return visiblePosition;
        }
        return index < visibleSegment ? segments[index].sizeInBytes() : 0;
    }

    int visibleSegment() {
        return visibleSegment;
    }

    /** Whether a transaction was aborted by a marker in segment {@code first} or behind it. */
    boolean hasAborted(int first) {
        for (int i = first; i < segments.length; i++) {
            if (segments[i].aborted().count() > 0) {
                return true;
            }
        }
        return false;
    }

    /** The segment that holds {@code offset}, if any does; -1 below all. */
    int segmentOf(long offset) {
        int low = 0;
        int high = segments.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (segments[middle].baseOffset <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
