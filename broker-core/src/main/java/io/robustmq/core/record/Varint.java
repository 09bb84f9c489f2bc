package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;

/** Zigzag variable-length integers, as records use them. */
final class Varint {
    private Varint() {}

    static void write(ByteBuf target, long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        while ((zigzag & ~0x7FL) != 0) {
            target.writeByte((int) ((zigzag & 0x7F) | 0x80));
            zigzag >>>= 7;
        }
        target.writeByte((int) zigzag);
    }

    static int size(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return zigzag == 0 ? 1 : (70 - Long.numberOfLeadingZeros(zigzag)) / 7;
    }

    /** Advances the reader index; throws IllegalArgumentException for more than ten bytes or a short buffer. */
    static long read(ByteBuf source) {
        long zigzag = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (!source.isReadable()) {
                throw new IllegalArgumentException("record ends inside a number");
            }
            byte part = source.readByte();
            zigzag |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return (zigzag >>> 1) ^ -(zigzag & 1);
            }
        }
        throw new IllegalArgumentException("number of more than ten bytes in a record");
    }
}
