package io.robustmq.journal.clean;

import io.robustmq.core.record.MarkerKind;
import io.robustmq.core.record.RecordBatch;
import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Which transactions of a range were aborted, from its batches in order. One thread. Its size is bounded by the abort markers
 * that are in the log.
 */
public final class AbortedRanges {
    private static final long NONE = -1;

    private final Long2LongHashMap open = new Long2LongHashMap(NONE);
    private final Long2ObjectHashMap<Ranges> aborted = new Long2ObjectHashMap<>();

    /** A batch below the end of what is to be compacted. Only the header is looked at. */
    public void onData(RecordBatch batch) {
        if (batch.isTransactional() && !open.containsKey(batch.producerId())) {
            open.put(batch.producerId(), batch.baseOffset());
        }
    }

    public void onMarker(RecordBatch batch, MarkerKind marker) {
        if (marker == MarkerKind.OTHER) {
            return;
        }
        long first = open.remove(batch.producerId());
        if (first != NONE && marker == MarkerKind.ABORT) {
            aborted.computeIfAbsent(batch.producerId(), id -> new Ranges()).add(first, batch.baseOffset());
        }
    }

    public boolean anyOpen() {
        return !open.isEmpty();
    }

    /** Where the first transaction began that has no marker yet; {@code otherwise} if all have. */
    public long firstOpen(long otherwise) {
        long first = otherwise;
        for (long offset : open.values()) {
            first = Math.min(first, offset);
        }
        return first;
    }

    /** Whether it belongs to an aborted transaction. */
    public boolean covers(RecordBatch batch) {
        Ranges ranges = batch.isTransactional() ? aborted.get(batch.producerId()) : null;
        return ranges != null && ranges.cover(batch.baseOffset());
    }

    /** Of one producer, in order: first offset and marker. */
    private static final class Ranges {
        private long[] bounds = new long[4];
        private int count;

        void add(long first, long marker) {
            if (count == bounds.length) {
                bounds = Arrays.copyOf(bounds, count * 2);
            }
            bounds[count++] = first;
            bounds[count++] = marker;
        }

        /** Bounds are even for a beginning: an offset is inside when the last bound at or before it begins a range. */
        boolean cover(long offset) {
            int found = Arrays.binarySearch(bounds, 0, count, offset);
            int at = found >= 0 ? found : -found - 2;
            return at >= 0 && at % 2 == 0;
        }
    }
}
