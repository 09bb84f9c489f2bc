package io.robustmq.storage.ssd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.port.LogSlice;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A range of a file that stays readable until closed. Used by one thread. */
final class SsdSlice implements LogSlice {
    /** A system call for each of many small runs costs more than to copy them, together with what is sent before and after. */
    static final int COPIED_BYTES_MAX = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(SsdSlice.class);

    private final SsdSegment segment;
    private final long position;
    private final int sizeInBytes;
    private boolean released;

    SsdSlice(SsdSegment segment, long position, int sizeInBytes) {
        this.segment = segment;
        this.position = position;
        this.sizeInBytes = sizeInBytes;
    }

    @Override
    public int sizeInBytes() {
        return sizeInBytes;
    }

    @Override
    public Object toOutbound() {
        if (released) {
            throw new IllegalStateException("the slice is closed or handed over");
        }
        ByteBuf copy = sizeInBytes <= COPIED_BYTES_MAX ? copy() : null;
        if (copy != null) {
            close();
            return copy;
        }
        released = true;
        return new SegmentRegion(segment, position, sizeInBytes);
    }

    /** Null for what cannot be read, which fails when it is sent. */
    private @Nullable ByteBuf copy() {
        try {
            return toBuffer();
        } catch (IOException e) {
            LOG.warn("{} bytes at {} cannot be read", sizeInBytes, position, e);
            return null;
        }
    }

    @Override
    public ByteBuf toBuffer() throws IOException {
        if (released) {
            throw new IllegalStateException("the slice is closed or handed over");
        }
        ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(sizeInBytes, sizeInBytes);
        try {
            segment.read(position, buffer.nioBuffer(0, sizeInBytes));
            return buffer.writerIndex(sizeInBytes);
        } catch (IOException | RuntimeException e) {
            buffer.release();
            throw e;
        }
    }

    @Override
    public void close() {
        if (!released) {
            released = true;
            try {
                segment.release();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
