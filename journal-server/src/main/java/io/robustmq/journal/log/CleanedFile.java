package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.journal.clean.CleanProgress;
import java.io.IOException;

/** How far a shard is compacted. Without it everything is compacted again, which changes nothing. */
final class CleanedFile {
    static final int VERSION = 1;

    private CleanedFile() {}

    static void write(SegmentStore store, String shard, CleanProgress progress) throws IOException {
        ByteBuf content = Unpooled.buffer().writeLong(progress.cleanOffset()).writeLong(progress.nextHorizonMs());
        store.replace(shard, FileNames.CLEANED_FILE, SideFile.frame(VERSION, content));
    }

    /** @param endOffset of the log; what was cleaned beyond it is gone */
    static CleanProgress read(SegmentStore store, String shard, long endOffset) throws IOException {
        try {
            ByteBuf content = SideFile.read(store, shard, FileNames.CLEANED_FILE, VERSION);
            return new CleanProgress(Math.min(content.readLong(), endOffset), content.readLong());
        } catch (StoreException e) {
            return CleanProgress.NONE;
        }
    }
}
