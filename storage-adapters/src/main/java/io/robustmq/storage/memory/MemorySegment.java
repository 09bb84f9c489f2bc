package io.robustmq.storage.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One run of bytes in chunks that double in size. One writer, any number of readers of what was written before; the chunks
 * are counted, so that slices outlive deletion. Closing does nothing: the store holds the content until it is deleted.
 */
final class MemorySegment implements SegmentFile {
    private static final int CHUNK_BYTES_MIN = 4 << 10;
    private static final int CHUNK_BYTES_MAX = 1 << 20;

    private final MemoryBudget budget;
    private final AtomicBoolean deleted = new AtomicBoolean();
    private volatile ByteBuf[] chunks = new ByteBuf[0];
    private volatile long[] chunkEnds = new long[0];
    private volatile long size;

    MemorySegment(MemoryBudget budget) {
        this.budget = budget;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void append(ByteBuf[] buffers, int count) throws IOException {
        if (deleted.get()) {
            throw new StoreException(Kind.FATAL, "the segment is deleted");
        }
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += buffers[i].readableBytes();
        }
        grow(size + bytes);
        long at = size;
        for (int i = 0; i < count; i++) {
            at = copy(buffers[i], at);
        }
        size = at;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        if (target.remaining() > size - position) {
            throw new StoreException(Kind.CORRUPT, "the segment ends at " + size + ", more was expected");
        }
        if (!target.hasRemaining()) {
            return;
        }
        try (LogSlice slice = slice(position, target.remaining())) {
            ByteBuf bytes = slice.toBuffer();
            try {
                bytes.readBytes(target);
            } finally {
                bytes.release();
            }
        }
    }

    @Override
    public LogSlice slice(long position, int sizeInBytes) {
        if (position < 0 || sizeInBytes < 0 || position + sizeInBytes > size) {
            throw new IndexOutOfBoundsException(position + "+" + sizeInBytes + " of " + size);
        }
        if (sizeInBytes == 0) {
            return new MemorySlice(Unpooled.buffer(0, 0));
        }
        long[] ends = chunkEnds;
        ByteBuf[] all = chunks;
        int index = indexOf(ends, position);
        if (position + sizeInBytes <= ends[index]) {
            return new MemorySlice(all[index].retainedSlice(within(ends, index, position), sizeInBytes));
        }
        CompositeByteBuf whole = UnpooledByteBufAllocator.DEFAULT.compositeDirectBuffer(all.length - index);
        try {
            long at = position;
            long end = position + sizeInBytes;
            for (int i = index; at < end; i++) {
                int bytes = (int) (Math.min(ends[i], end) - at);
                whole.addComponent(true, all[i].retainedSlice(within(ends, i, at), bytes));
                at += bytes;
            }
            return new MemorySlice(whole);
        } catch (RuntimeException e) {
            whole.release();
            throw e;
        }
    }

    @Override
    public void truncate(long newSize) {
        size = Math.min(size, newSize);
    }

    @Override
    public void force() {}

    @Override
    public void close() {}

    void delete() {
        if (deleted.compareAndSet(false, true)) {
            for (ByteBuf chunk : chunks) {
                budget.free(chunk.capacity());
                chunk.release();
            }
        }
    }

    private void grow(long newSize) throws IOException {
        long capacity = capacity(chunkEnds);
        long missing = newSize - capacity;
        if (missing <= 0) {
            return;
        }
        long wanted = Math.max(missing, Math.min(CHUNK_BYTES_MAX, Math.max(CHUNK_BYTES_MIN, capacity)));
        if (!budget.reserve(wanted)) {
            wanted = missing;
            if (!budget.reserve(wanted)) {
                throw new StoreException(Kind.FULL, "the memory store is full");
            }
        }
        int bytes = Math.toIntExact(wanted);
        int count = chunks.length;
        // The limits are how the chunk stays what was reserved; readers of older arrays see a prefix of these.
        ByteBuf[] moreChunks = Arrays.copyOf(chunks, count + 1);
        long[] moreEnds = Arrays.copyOf(chunkEnds, count + 1);
        moreChunks[count] =
                UnpooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes).writerIndex(bytes);
        moreEnds[count] = capacity + bytes;
        chunks = moreChunks;
        chunkEnds = moreEnds;
    }

    private long copy(ByteBuf source, long position) {
        ByteBuf[] all = chunks;
        long[] ends = chunkEnds;
        int from = source.readerIndex();
        int left = source.readableBytes();
        long at = position;
        int index = left == 0 ? 0 : indexOf(ends, at);
        while (left > 0) {
            int start = within(ends, index, at);
            int bytes = Math.min(left, all[index].capacity() - start);
            source.getBytes(from, all[index].nioBuffer(start, bytes));
            from += bytes;
            at += bytes;
            left -= bytes;
            index++;
        }
        return at;
    }

    private static long capacity(long[] ends) {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    private static int indexOf(long[] ends, long position) {
        int found = Arrays.binarySearch(ends, position);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private static int within(long[] ends, int index, long position) {
        return (int) (position - (index == 0 ? 0 : ends[index - 1]));
    }
}
