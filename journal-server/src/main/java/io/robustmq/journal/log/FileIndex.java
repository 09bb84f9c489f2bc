package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The index of a sealed segment, read entry by entry where it lies: nothing of it is on the heap. Opened by the first reader. */
final class FileIndex implements BatchIndex, AutoCloseable {
    private static final ThreadLocal<ByteBuffer> SCRATCH = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(8));

    private final SegmentStore store;
    private final String shard;
    private final String name;
    private final int count;
    private final AtomicReference<@Nullable SegmentFile> file = new AtomicReference<>();

    FileIndex(SegmentStore store, String shard, String name, int count) {
        this.store = store;
        this.shard = shard;
        this.name = name;
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
        SegmentFile opened = file.getAndSet(null);
        if (opened != null) {
            opened.close();
        }
    }

    private long readLong(long position) throws IOException {
        ByteBuffer target = SCRATCH.get().clear();
        opened().read(position, target);
        return target.flip().getLong();
    }

    private SegmentFile opened() throws IOException {
        SegmentFile present = file.get();
        if (present != null) {
            return present;
        }
        SegmentFile fresh = store.open(shard, name);
        if (file.compareAndSet(null, fresh)) {
            return fresh;
        }
        fresh.close();
        return opened();
    }
}
