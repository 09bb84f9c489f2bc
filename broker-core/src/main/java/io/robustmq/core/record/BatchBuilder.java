package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one uncompressed batch without producer id, record by record, straight into a buffer. Used once, by one thread;
 * ends with {@link #build} or {@link #discard}.
 */
public final class BatchBuilder {
    private final ByteBuf buffer;
    private int count;
    private long baseTimestamp;
    private long maxTimestamp;

    public BatchBuilder(ByteBufAllocator allocator, int initialBytes) {
        this.buffer = allocator.buffer(Math.max(initialBytes, RecordBatch.HEADER_BYTES));
        buffer.writeZero(RecordBatch.HEADER_BYTES);
    }

    /** Borrows {@code key} and {@code value}: their readable bytes are copied, their indices untouched. */
    public void append(long timestampMs, @Nullable ByteBuf key, @Nullable ByteBuf value, List<RecordHeader> headers) {
        if (count == 0) {
            baseTimestamp = timestampMs;
            maxTimestamp = timestampMs;
        } else if (timestampMs > maxTimestamp) {
            maxTimestamp = timestampMs;
        }
        long timestampDelta = timestampMs - baseTimestamp;
        int keyBytes = key == null ? -1 : key.readableBytes();
        int valueBytes = value == null ? -1 : value.readableBytes();
        int bodyBytes = 1
                + Varint.size(timestampDelta)
                + Varint.size(count)
                + Varint.size(keyBytes)
                + Math.max(keyBytes, 0)
                + Varint.size(valueBytes)
                + Math.max(valueBytes, 0)
                + headersSize(headers);
        Varint.write(buffer, bodyBytes);
        buffer.writeByte(0);
        Varint.write(buffer, timestampDelta);
        Varint.write(buffer, count);
        writeBytes(key, keyBytes);
        writeBytes(value, valueBytes);
        writeHeaders(headers);
        count++;
    }

    public int count() {
        return count;
    }

    public int sizeInBytes() {
        return buffer.readableBytes();
    }

    /** The finished batch at offset 0; the caller owns it. */
    public ByteBuf build() {
        if (count == 0) {
            throw new IllegalStateException("a batch has at least one record");
        }
        int size = buffer.readableBytes();
        buffer.setInt(RecordBatch.LENGTH, size - RecordBatch.LOG_OVERHEAD);
        buffer.setByte(RecordBatch.MAGIC_BYTE_AT, RecordBatch.MAGIC);
        buffer.setInt(RecordBatch.LAST_OFFSET_DELTA, count - 1);
        buffer.setLong(RecordBatch.BASE_TIMESTAMP, baseTimestamp);
        buffer.setLong(RecordBatch.MAX_TIMESTAMP, maxTimestamp);
        buffer.setLong(RecordBatch.PRODUCER_ID, RecordBatch.NO_PRODUCER_ID);
        buffer.setShort(RecordBatch.PRODUCER_EPOCH, RecordBatch.NO_PRODUCER_EPOCH);
        buffer.setInt(RecordBatch.BASE_SEQUENCE, RecordBatch.NO_SEQUENCE);
        buffer.setInt(RecordBatch.COUNT, count);
        buffer.setInt(RecordBatch.CRC, RecordBatch.computeCrc(buffer, 0, size));
        return buffer;
    }

    public void discard() {
        buffer.release();
    }

    private void writeBytes(@Nullable ByteBuf bytes, int length) {
        Varint.write(buffer, length);
        if (bytes != null) {
            buffer.writeBytes(bytes, bytes.readerIndex(), length);
        }
    }

    private void writeHeaders(List<RecordHeader> headers) {
        Varint.write(buffer, headers.size());
        for (RecordHeader header : headers) {
            Varint.write(buffer, ByteBufUtil.utf8Bytes(header.key()));
            ByteBufUtil.writeUtf8(buffer, header.key());
            byte[] value = header.value();
            Varint.write(buffer, value == null ? -1 : value.length);
            if (value != null) {
                buffer.writeBytes(value);
            }
        }
    }

    private static int headersSize(List<RecordHeader> headers) {
        int size = Varint.size(headers.size());
        for (RecordHeader header : headers) {
            int keyBytes = ByteBufUtil.utf8Bytes(header.key());
            byte[] value = header.value();
            int valueBytes = value == null ? -1 : value.length;
            size += Varint.size(keyBytes) + keyBytes + Varint.size(valueBytes) + Math.max(valueBytes, 0);
        }
        return size;
    }
}
