package io.robustmq.journal.log;

import java.io.IOException;

/**
 * Some batches of a segment, sorted: where they are, and the largest timestamp of all batches before them. The first entry is
 * the segment's first batch. Any thread.
 */
interface BatchIndex {
    int count();

    /** Offset relative to the segment's base in the upper half, position in the lower. */
    long place(int entry) throws IOException;

    long maxTimestampBefore(int entry) throws IOException;

    static int position(long place) {
        return (int) place;
    }

    static long place(int relativeOffset, int position) {
        return ((long) relativeOffset << 32) | position;
    }

    /** The position of the last entry not above {@code relativeOffset}; 0 if there is none. */
    default int floorByOffset(long relativeOffset) throws IOException {
        int low = 0;
        int high = count() - 1;
        int found = 0;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long place = place(middle);
            if (place >>> 32 <= relativeOffset) {
                found = position(place);
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return found;
    }

    /** The last entry at or before {@code position}; -1 if there is none. */
    default int floorByPosition(int position) throws IOException {
        int low = 0;
        int high = count() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (position(place(middle)) <= position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** A position before which every batch is older than {@code timestampMs}, as far on as the index knows. */
    default int floorByTimestamp(long timestampMs) throws IOException {
        int low = 0;
        int high = count() - 1;
        int found = 0;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (maxTimestampBefore(middle) < timestampMs) {
                found = position(place(middle));
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return found;
    }
}
