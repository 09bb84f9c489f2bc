package io.robustmq.kafka.memory;

import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultFileRegion;
import io.robustmq.core.port.LogSlice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/** Stored bytes that are counted while they are held, and leave as a file region when they are many. */
final class MemorySlice implements LogSlice {
    private static final int REGION_FROM_BYTES = 1024;

    private final ByteBuf bytes;
    private final AtomicInteger open;

    MemorySlice(ByteBuf bytes, AtomicInteger open) {
        this.bytes = bytes;
        this.open = open;
        open.incrementAndGet();
    }

    @Override
    public int sizeInBytes() {
        return bytes.readableBytes();
    }

    @Override
    public Object toOutbound() {
        if (bytes.readableBytes() < REGION_FROM_BYTES) {
            open.decrementAndGet();
            return bytes;
        }
        try {
            return region();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ByteBuf toBuffer() {
        return bytes.copy();
    }

    @Override
    public void close() {
        open.decrementAndGet();
        bytes.release();
    }

    private DefaultFileRegion region() throws IOException {
        Path file = Files.createTempFile("slice", ".log");
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        int size = bytes.readableBytes();
        bytes.readBytes(channel, 0L, size);
        bytes.release();
        return new DefaultFileRegion(channel, 0, size) {
            @Override
            protected void deallocate() {
                open.decrementAndGet();
                super.deallocate();
            }
        };
    }
}
