package io.robustmq.journal.log;

import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;

/**
 * Up to where the offsets of a log that is gone with its process may have been given away, kept in a store that is not: whoever begins
 * anew begins there, so that no offset ever means two records. Raised in large steps, before they are needed. Disk threads write, one at
 * a time; any thread asks.
 */
public final class OffsetReserve {
    static final int VERSION = 1;
    static final String FILE = "offsets.reserved";
    /** Many more than are appended while the next step is written. */
    public static final long STEP = 1 << 20;

    private final SegmentStore store;
    private final String shard;
    private volatile long end;

    public OffsetReserve(SegmentStore store, String shard) {
        this.store = store;
        this.shard = shard;
    }

    /** Where an empty log has to begin; from there on a step is reserved. */
    public long open() throws IOException {
        long begin = store.list(shard).contains(FILE)
                ? SideFile.read(store, shard, FILE, VERSION).readLong()
                : 0;
        raise(begin);
        return begin;
    }

    /** Whether the log may end there. */
    public boolean covers(long endOffset) {
        return endOffset <= end;
    }

    /** Whether a log that ends there is close to the end of what is reserved. */
    public boolean isDue(long endOffset) {
        return end - endOffset < STEP / 2;
    }

    /** Reserves a step from there on. */
    public void raise(long endOffset) throws IOException {
        if (endOffset + STEP > end) {
            write(endOffset + STEP);
        }
    }

    /** Nothing is appended any more: the log ended there. */
    public void close(long endOffset) throws IOException {
        write(endOffset);
    }

    public void delete() throws IOException {
        store.deleteShard(shard);
    }

    private void write(long newEnd) throws IOException {
        store.replace(
                shard, FILE, SideFile.frame(VERSION, Unpooled.buffer(Long.BYTES).writeLong(newEnd)));
        end = newEnd;
    }
}
