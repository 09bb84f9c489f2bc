package io.robustmq.meta;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The last entries that changed the state, for nodes that are a little behind. One lock, held for a few steps. */
final class RecentEntries {
    private static final int COUNT_MAX = 256;
    private static final int BYTES_MAX = 4 << 20;

    private final Deque<Recent> entries = new ArrayDeque<>();
    private int bytes;

    /** An entry that leads from the image of {@code base} to that of {@code index}. */
    static final class Recent {
        private final long base;
        private final long index;
        private final byte[] entry;

        Recent(long base, long index, byte[] entry) {
            this.base = base;
            this.index = index;
            this.entry = entry;
        }

        long index() {
            return index;
        }

        byte[] entry() {
            return entry;
        }
    }

    synchronized void add(long base, long index, byte[] entry) {
        entries.add(new Recent(base, index, entry));
        bytes += entry.length;
        while (entries.size() > COUNT_MAX || bytes > BYTES_MAX) {
            bytes -= entries.remove().entry.length;
        }
    }

    /** What leads from the image of {@code index} to that of {@code target}; empty when that is not known. */
    synchronized List<Recent> between(long index, long target) {
        List<Recent> found = new ArrayList<>();
        long at = index;
        for (Recent entry : entries) {
            if (entry.base == at && at < target) {
                found.add(entry);
                at = entry.index;
            }
        }
        return at == target ? found : List.of();
    }
}
