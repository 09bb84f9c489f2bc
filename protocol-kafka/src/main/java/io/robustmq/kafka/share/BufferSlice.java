package io.robustmq.kafka.share;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;

/** Batches that are in memory, because somebody had to look at them. Owns the buffer. Used by one thread. */
final class BufferSlice implements LogSlice {
    private final ByteBuf buffer;

    BufferSlice(ByteBuf buffer) {
        this.buffer = buffer;
    }

    @Override
    public int sizeInBytes() {
        return buffer.readableBytes();
    }

    @Override
    public Object toOutbound() {
        return buffer;
    }

    @Override
    public ByteBuf toBuffer() {
        return buffer.retainedDuplicate();
    }

    @Override
    public void close() {
        buffer.release();
    }
}
