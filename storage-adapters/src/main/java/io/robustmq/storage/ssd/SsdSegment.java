package io.robustmq.storage.ssd;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.OverwritableFile;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One file. Written by its shard's loop, forced by a flush thread, read by any thread. The channel is closed when the last
 * reference goes: one is the opener's, each slice holds another.
 */
final class SsdSegment implements OverwritableFile {
    private final SsdStore store;
    private final String shard;
    private final Path path;
    private final FileChannel channel;
    private final AtomicInteger references = new AtomicInteger(1);
    private volatile long size;
    private volatile boolean nameDurable;
    private volatile boolean forceFailed;
    private boolean closed;
    private ByteBuffer[] gathered = new ByteBuffer[16];

    SsdSegment(SsdStore store, String shard, Path path, FileChannel channel, boolean nameDurable) throws IOException {
        this.store = store;
        this.shard = shard;
        this.path = path;
        this.channel = channel;
        this.nameDurable = nameDurable;
        try {
            this.size = channel.size();
            channel.position(size);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void append(ByteBuf[] buffers, int count) throws IOException {
        long newSize = size + gatheringWrite(buffers, count, "append to ");
        size = newSize;
    }

    @Override
    public void overwrite(long position, ByteBuf[] buffers, int count) throws IOException {
        if (position < 0 || position > size) {
            throw new IndexOutOfBoundsException(position + " of " + size + " in " + path);
        }
        long end;
        try {
            channel.position(position);
            end = position + gatheringWrite(buffers, count, "overwrite ");
            if (end < size) {
                channel.position(size);
            }
        } catch (IOException e) {
            throw Failures.of("overwrite " + path, e);
        }
        size = Math.max(size, end);
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        retain();
        try {
            long at = position;
            while (target.hasRemaining()) {
                int read = channel.read(target, at);
                if (read < 0) {
                    throw new StoreException(Kind.CORRUPT, path + " ends at " + at + ", more was expected");
                }
                at += read;
            }
        } catch (IOException e) {
            throw Failures.of("read " + path, e);
        } finally {
            release();
        }
    }

    @Override
    public LogSlice slice(long position, int sizeInBytes) {
        if (position < 0 || sizeInBytes < 0 || position + sizeInBytes > size) {
            throw new IndexOutOfBoundsException(position + "+" + sizeInBytes + " of " + size + " in " + path);
        }
        retain();
        return new SsdSlice(this, position, sizeInBytes);
    }

    @Override
    public void truncate(long newSize) throws IOException {
        try {
            channel.truncate(newSize);
            channel.position(newSize);
        } catch (IOException e) {
            throw Failures.of("truncate " + path, e);
        }
        size = newSize;
    }

    @Override
    public void force() throws IOException {
        if (forceFailed) {
            // The kernel may have dropped the pages and report success the next time.
            throw new StoreException(Kind.FATAL, "an earlier flush of " + path + " failed");
        }
        retain();
        try {
            channel.force(false);
            if (!nameDurable) {
                store.syncNames(shard);
                nameDurable = true;
            }
        } catch (IOException e) {
            forceFailed = true;
            throw new StoreException(Kind.FATAL, "flush " + path + ": " + e.getMessage(), e);
        } finally {
            release();
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            release();
        }
    }

    FileChannel channel() {
        return channel;
    }

    void release() throws IOException {
        if (references.decrementAndGet() == 0) {
            channel.close();
        }
    }

    private void retain() {
        int count;
        do {
            count = references.get();
            if (count == 0) {
                throw new IllegalStateException(path + " is closed");
            }
        } while (!references.compareAndSet(count, count + 1));
    }

    private int gather(ByteBuf[] buffers, int count) {
        int parts = 0;
        for (int i = 0; i < count; i++) {
            ByteBuf buffer = buffers[i];
            int pieces = buffer.nioBufferCount();
            if (parts + pieces > gathered.length) {
                gathered = Arrays.copyOf(gathered, Math.max(gathered.length * 2, parts + pieces));
            }
            if (pieces == 1) {
                gathered[parts++] = buffer.nioBuffer();
            } else {
                for (ByteBuffer piece : buffer.nioBuffers()) {
                    gathered[parts++] = piece;
                }
            }
        }
        return parts;
    }

    /** At the channel's position; the bytes written. */
    private long gatheringWrite(ByteBuf[] buffers, int count, String what) throws IOException {
        int parts = gather(buffers, count);
        long bytes = 0;
        for (int i = 0; i < parts; i++) {
            bytes += gathered[i].remaining();
        }
        try {
            write(parts, bytes);
        } catch (IOException e) {
            rollBack(e);
            throw Failures.of(what + path, e);
        } finally {
            Arrays.fill(gathered, 0, parts, null);
        }
        return bytes;
    }

    private void write(int parts, long bytes) throws IOException {
        long left = bytes;
        int first = 0;
        while (left > 0) {
            left -= channel.write(gathered, first, parts - first);
            while (first < parts && !gathered[first].hasRemaining()) {
                first++;
            }
        }
    }

    private void rollBack(IOException cause) {
        try {
            channel.truncate(size);
            channel.position(size);
        } catch (IOException e) {
            cause.addSuppressed(e);
            forceFailed = true;
        }
    }
}
