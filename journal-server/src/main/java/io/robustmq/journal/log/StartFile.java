package io.robustmq.journal.log;

import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;

/** Where the log begins when no segment boundary says so: after DeleteRecords. */
public record StartFile(SegmentStore store, String shard, long startOffset) {
    static final int VERSION = 1;

    /** Runs in a disk thread; the start is durable when it returns. */
    public void write() throws IOException {
        store.replace(
                shard,
                FileNames.START_FILE,
                SideFile.frame(VERSION, Unpooled.buffer(Long.BYTES).writeLong(startOffset)));
    }

    static long read(SegmentStore store, String shard) throws IOException {
        return SideFile.read(store, shard, FileNames.START_FILE, VERSION).readLong();
    }
}
