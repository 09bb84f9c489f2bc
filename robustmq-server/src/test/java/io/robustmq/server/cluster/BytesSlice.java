package io.robustmq.server.cluster;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;

/** What was read, on the heap. */
record BytesSlice(ByteBuf bytes) implements LogSlice {
    @Override
    public int sizeInBytes() {
        return bytes.readableBytes();
    }

    @Override
    public Object toOutbound() {
        return bytes;
    }

    @Override
    public ByteBuf toBuffer() {
        return bytes.retain();
    }

    @Override
    public void close() {
        bytes.release();
    }
}
