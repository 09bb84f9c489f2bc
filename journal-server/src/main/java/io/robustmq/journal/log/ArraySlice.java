package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;

/** Batches that another node or the object store has sent, in an array that nobody changes. */
public record ArraySlice(ByteBuf batches) implements LogSlice {
    @Override
    public int sizeInBytes() {
        return batches.readableBytes();
    }

    @Override
    public Object toOutbound() {
        return batches;
    }

    @Override
    public ByteBuf toBuffer() {
        return batches.retainedDuplicate();
    }

    @Override
    public void close() {
        batches.release();
    }
}
