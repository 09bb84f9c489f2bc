package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The index of a sealed segment, read entry by entry where it lies: nothing of it is on the heap. Opened by the first reader. */
final class FileIndex implements BatchIndex, AutoCloseable {
    private static final ThreadLocal<ByteBuffer> SCRATCH = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(8));

    private final LazyFile file;
    private final int count;

    FileIndex(SegmentStore store, String shard, String name, int count) {
        this.file = new LazyFile(store, shard, name);
        this.count = count;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long place(int entry) throws IOException {
        return readLong(IndexFile.HEADER_BYTES + (long) entry * IndexFile.ENTRY_BYTES);
    }

    @Override
    public long maxTimestampBefore(int entry) throws IOException {
        return readLong(IndexFile.HEADER_BYTES + (long) entry * IndexFile.ENTRY_BYTES + Long.BYTES);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private long readLong(long position) throws IOException {
        ByteBuffer target = SCRATCH.get().clear();
        file.read(position, target);
        return target.flip().getLong();
    }
}
