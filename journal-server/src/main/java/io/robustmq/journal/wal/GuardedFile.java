package io.robustmq.journal.wal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A segment file that knows how much of it survives a power cut, and by which file. Written by its shard's loop; flush,
 * checkpoint and disk threads force it.
 */
public final class GuardedFile implements SegmentFile {
    final String shard;
    final String name;
    final byte[][] names;
    private final SegmentFile file;
    private final GuardedStore store;
    /** Its own file was forced up to here. */
    private final AtomicLong forced;
    /** Up to here it is durable, in its own file or in the write-ahead log. */
    private final AtomicLong durable;

    /** The use of a write-ahead file that last covered it. Owned by the thread of the write-ahead log. */
    long coveredBy = -1;

    /** How often its end was cut off: a force that runs meanwhile says nothing about what is appended afterwards. */
    private int cuts;

    private volatile boolean gone;
    private volatile boolean closed;

    GuardedFile(GuardedStore store, String shard, String name, SegmentFile file) {
        this.store = store;
        this.shard = shard;
        this.name = name;
        this.names = new byte[][] {shard.getBytes(StandardCharsets.UTF_8), name.getBytes(StandardCharsets.UTF_8)};
        this.file = file;
        // What is found when a file is opened is forced by the opener, before anything is appended.
        this.forced = new AtomicLong(file.size());
        this.durable = new AtomicLong(file.size());
    }

    /** Bytes below {@code end} that a power cut would take. */
    public long undurable(long end) {
        return Math.max(0, end - durable.get());
    }

    long durableEnd() {
        return durable.get();
    }

    /** The write-ahead log holds it up to {@code end}. */
    void logged(long end) {
        durable.accumulateAndGet(end, Math::max);
    }

    /** Whether something acknowledged is in the write-ahead log only. */
    boolean behind() {
        return forced.get() < durable.get() && !gone;
    }

    /** It is being deleted: nothing of it is worth keeping. */
    void goes() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void force() throws IOException {
        int cutsBefore = cuts();
        long end = file.size();
        file.force();
        forced(end, cutsBefore);
    }

    private synchronized int cuts() {
        return cuts;
    }

    private synchronized void forced(long end, int cutsBefore) {
        if (cuts == cutsBefore) {
            forced.accumulateAndGet(end, Math::max);
            durable.accumulateAndGet(end, Math::max);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        if (behind()) {
            force();
        }
        store.release(this);
        cut(size);
    }

    private synchronized void cut(long size) throws IOException {
        cuts++;
        file.truncate(size);
        forced.accumulateAndGet(size, Math::min);
        durable.accumulateAndGet(size, Math::min);
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public void append(ByteBuf[] buffers, int count) throws IOException {
        file.append(buffers, count);
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        file.read(position, target);
    }

    @Override
    public LogSlice slice(long position, int sizeInBytes) {
        return file.slice(position, sizeInBytes);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        file.close();
    }
}
