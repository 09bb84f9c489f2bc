package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Writes a message into one buffer and remembers where stored records belong between its bytes. Used once. */
final class FrameWriter implements Writable {
    private final ByteBuf buffer;
    private final List<SliceRecords> slices = new ArrayList<>(2);
    private int[] cuts = new int[2];

    /** Borrows {@code buffer} until {@link #finish}, which takes it. */
    FrameWriter(ByteBuf buffer) {
        this.buffer = buffer;
    }

    /** Everything written so far, stored records in their places. */
    Outbound finish() {
        if (slices.isEmpty()) {
            return Outbound.of(buffer);
        }
        List<Object> parts = new ArrayList<>(2 * slices.size() + 1);
        int size = buffer.readableBytes();
        for (int i = 0; i < slices.size(); i++) {
            int before = cuts[i] - buffer.readerIndex();
            if (before > 0) {
                parts.add(buffer.readRetainedSlice(before));
            }
            size += slices.get(i).sizeInBytes();
            parts.add(slices.get(i).toOutbound());
        }
        if (buffer.isReadable()) {
            parts.add(buffer);
        } else {
            buffer.release();
        }
        return new Outbound(parts, size);
    }

    @Override
    public void writeRecords(BaseRecords records) {
        if (records instanceof SliceRecords slice) {
            if (slices.size() == cuts.length) {
                cuts = java.util.Arrays.copyOf(cuts, 2 * cuts.length);
            }
            cuts[slices.size()] = buffer.writerIndex();
            slices.add(slice);
        } else {
            buffer.writeBytes(((MemoryRecords) records).buffer());
        }
    }

    @Override
    public void writeByte(byte value) {
        buffer.writeByte(value);
    }

    @Override
    public void writeShort(short value) {
        buffer.writeShort(value);
    }

    @Override
    public void writeInt(int value) {
        buffer.writeInt(value);
    }

    @Override
    public void writeLong(long value) {
        buffer.writeLong(value);
    }

    @Override
    public void writeDouble(double value) {
        buffer.writeDouble(value);
    }

    @Override
    public void writeByteArray(byte[] value) {
        buffer.writeBytes(value);
    }

    @Override
    public void writeByteBuffer(ByteBuffer value) {
        buffer.writeBytes(value.duplicate());
    }

    @Override
    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            buffer.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
    }

    @Override
    public void writeVarint(int value) {
        writeUnsignedVarint((value << 1) ^ (value >> 31));
    }

    @Override
    public void writeVarlong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            buffer.writeByte((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte((int) rest);
    }
}
