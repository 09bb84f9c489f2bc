package io.robustmq.journal.log;

import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.journal.shard.AbortedRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The aborted transactions whose markers are in one segment, in the order of the markers. Any thread. */
interface AbortedIndex {
    int VERSION = 1;

    int count();

    AbortedRange entry(int index) throws IOException;

    /** The first entry whose marker is at {@code offset} or behind it; the count if there is none. */
    default int firstEndingFrom(long offset) throws IOException {
        int low = 0;
        int high = count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entry(middle).lastOffset() >= offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The aborted transactions of which something may lie in {@code [offset, endOffset)}, which begins in segment {@code first}. */
    static List<AbortedTransaction> overlapping(Segment[] segments, int first, long offset, long endOffset)
            throws IOException {
        List<AbortedRange> ranges = rangesOverlapping(segments, first, offset, endOffset);
        if (ranges.isEmpty()) {
            return List.of();
        }
        List<AbortedTransaction> found = new ArrayList<>(ranges.size());
        for (AbortedRange range : ranges) {
            found.add(new AbortedTransaction(range.producerId(), range.firstOffset()));
        }
        return found;
    }

    static List<AbortedRange> rangesOverlapping(Segment[] segments, int first, long offset, long endOffset)
            throws IOException {
        List<AbortedRange> found = List.of();
        for (int i = first; i < segments.length; i++) {
            AbortedIndex index = segments[i].aborted();
            int count = index.count();
            for (int e = count == 0 ? 0 : index.firstEndingFrom(offset); e < count; e++) {
                AbortedRange range = index.entry(e);
                if (range.firstOffset() < endOffset) {
                    found = found.isEmpty() ? new ArrayList<>() : found;
                    found.add(range);
                }
                if (range.stableOffset() >= endOffset) {
                    return found;
                }
            }
        }
        return found;
    }
}
