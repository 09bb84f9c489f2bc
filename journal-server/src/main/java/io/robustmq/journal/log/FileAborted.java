package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.shard.AbortedRange;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The aborted transactions of a sealed segment, read where they lie: nothing of them is on the heap. */
final class FileAborted implements AbortedIndex, AutoCloseable {
    private final LazyFile file;
    private final int count;

    FileAborted(SegmentStore store, String shard, String name, int count) {
        this.file = new LazyFile(store, shard, name);
        this.count = count;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public AbortedRange entry(int index) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(AbortedRange.BYTES);
        file.read(SideFile.FRAME_BYTES + (long) index * AbortedRange.BYTES, target);
        target.flip();
        return new AbortedRange(target.getLong(), target.getLong(), target.getLong(), target.getLong());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
