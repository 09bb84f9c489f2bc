package io.robustmq.storage.memory;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;

/** A counted view of chunks. Used by one thread. */
final class MemorySlice implements LogSlice {
    private final ByteBuf bytes;
    private final int sizeInBytes;
    private boolean released;

    /** Takes {@code bytes}. */
    MemorySlice(ByteBuf bytes) {
        this.bytes = bytes;
        this.sizeInBytes = bytes.readableBytes();
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
        released = true;
        return bytes;
    }

    @Override
    public ByteBuf toBuffer() {
        return bytes.retainedDuplicate();
    }

    @Override
    public void close() {
        if (!released) {
            released = true;
            bytes.release();
        }
    }
}
