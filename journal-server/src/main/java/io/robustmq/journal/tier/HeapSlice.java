package io.robustmq.journal.tier;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;

/** Batches of a chunk, in an array that nobody changes. */
record HeapSlice(ByteBuf batches) implements LogSlice {
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
