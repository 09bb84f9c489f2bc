package io.robustmq.journal.log;

import java.util.Arrays;

/** The index of a segment that still grows. One writer; readers see a prefix, since the count is published last. */
final class MemoryIndex implements BatchIndex {
    private volatile long[] places = new long[16];
    private volatile long[] timestamps = new long[16];
    private volatile int count;

    void add(int relativeOffset, int position, long maxTimestampBefore) {
        int at = count;
        if (at == places.length) {
            timestamps = Arrays.copyOf(timestamps, at * 2);
            places = Arrays.copyOf(places, at * 2);
        }
        places[at] = BatchIndex.place(relativeOffset, position);
        timestamps[at] = maxTimestampBefore;
        count = at + 1;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long place(int entry) {
        return places[entry];
    }

    @Override
    public long maxTimestampBefore(int entry) {
        return timestamps[entry];
    }
}
