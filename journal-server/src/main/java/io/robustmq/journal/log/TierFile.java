package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;

/**
 * What a replica knows of its log in the object store. Once there is one, the log may begin before its first segment here.
 *
 * @param logStart where the log began when this was written
 * @param localStart what lies below is in the store, and need not be here
 * @param storedEnd up to where the store has the log
 */
public record TierFile(long logStart, long localStart, long storedEnd) {
    static final int VERSION = 1;

    /** Runs in a disk thread; durable when it returns. */
    public void write(SegmentStore store, String shard) throws IOException {
        ByteBuf content = Unpooled.buffer(3 * Long.BYTES)
                .writeLong(logStart)
                .writeLong(localStart)
                .writeLong(storedEnd);
        store.replace(shard, FileNames.TIER_FILE, SideFile.frame(VERSION, content));
    }

    static TierFile read(SegmentStore store, String shard) throws IOException {
        ByteBuf content = SideFile.read(store, shard, FileNames.TIER_FILE, VERSION);
        return new TierFile(content.readLong(), content.readLong(), content.readLong());
    }
}
