package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One record while a {@link RecordReader} visits it; valid, with all slices it gives, only during that call. */
public final class RecordView {
    private ByteBuf source;
    private long offset;
    private long timestampMs;
    private int attributes;
    private int tailAt;
    private int endAt;
    private int keyAt;
    private int keyBytes;
    private int valueAt;
    private int valueBytes;
    private int headersAt;
    private int headerCount;

    RecordView(ByteBuf source) {
        this.source = source;
    }

    public long offset() {
        return offset;
    }

    public long timestampMs() {
        return timestampMs;
    }

    /** A slice that shares the batch's reference count, or null. Retain it to keep it. */
    public @Nullable ByteBuf key() {
        return keyBytes < 0 ? null : source.slice(keyAt, keyBytes);
    }

    public boolean hasKey() {
        return keyBytes >= 0;
    }

    /** A record without value: it deletes its key in a compacted topic. */
    public boolean isTombstone() {
        return valueBytes < 0;
    }

    /** A slice that shares the batch's reference count, or null. Retain it to keep it. */
    public @Nullable ByteBuf value() {
        return valueBytes < 0 ? null : source.slice(valueAt, valueBytes);
    }

    public byte @Nullable [] keyArray() {
        return copy(keyAt, keyBytes);
    }

    public byte @Nullable [] valueArray() {
        return copy(valueAt, valueBytes);
    }

    public int headerCount() {
        return headerCount;
    }

    /** A copy of the value of the last header with this ASCII name, or null. Makes no object for the others. */
    public byte @Nullable [] lastHeader(String name) {
        int foundAt = -1;
        int foundBytes = -1;
        ByteBuf cursor = source.duplicate().readerIndex(headersAt);
        for (int i = 0; i < headerCount; i++) {
            int nameBytes = RecordReader.length(cursor, cursor.writerIndex(), 0);
            boolean named = isText(cursor, nameBytes, name);
            cursor.skipBytes(nameBytes);
            int bytes = RecordReader.length(cursor, cursor.writerIndex(), -1);
            if (named) {
                foundAt = cursor.readerIndex();
                foundBytes = bytes;
            }
            cursor.skipBytes(Math.max(bytes, 0));
        }
        return copy(foundAt, foundBytes);
    }

    /** Copies of the headers, in order. */
    public List<RecordHeader> headers() {
        if (headerCount == 0) {
            return List.of();
        }
        List<RecordHeader> headers = new ArrayList<>(Math.min(headerCount, 64));
        ByteBuf cursor = source.duplicate().readerIndex(headersAt);
        for (int i = 0; i < headerCount; i++) {
            int nameBytes = RecordReader.length(cursor, cursor.writerIndex(), 0);
            String name =
                    cursor.readCharSequence(nameBytes, StandardCharsets.UTF_8).toString();
            int bytes = RecordReader.length(cursor, cursor.writerIndex(), -1);
            byte[] value = null;
            if (bytes >= 0) {
                value = new byte[bytes];
                cursor.readBytes(value);
            }
            headers.add(new RecordHeader(name, value));
        }
        return headers;
    }

    /** Reads the record at the reader index, which moves behind it; throws IllegalArgumentException if not well formed. */
    void read(ByteBuf from, RecordBatch batch) {
        int bodyBytes = RecordReader.length(from, from.writerIndex(), 0);
        int end = from.readerIndex() + bodyBytes;
        if (bodyBytes == 0) {
            throw new IllegalArgumentException("empty record");
        }
        source = from;
        endAt = end;
        attributes = from.readByte();
        long timestampDelta = Varint.read(from);
        timestampMs = batch.hasAppendTime() ? batch.maxTimestamp() : batch.baseTimestamp() + timestampDelta;
        offset = batch.baseOffset() + Varint.read(from);
        tailAt = from.readerIndex();
        keyBytes = RecordReader.length(from, end, -1);
        keyAt = from.readerIndex();
        from.skipBytes(Math.max(keyBytes, 0));
        valueBytes = RecordReader.length(from, end, -1);
        valueAt = from.readerIndex();
        from.skipBytes(Math.max(valueBytes, 0));
        long headers = Varint.read(from);
        headersAt = from.readerIndex();
        if (headersAt > end || headers < 0 || headers > (end - headersAt) / 2) {
            throw new IllegalArgumentException("record's headers do not fit its length");
        }
        headerCount = (int) headers;
        from.readerIndex(end);
    }

    /** Appends the record to {@code target} as part of a batch that counts from these bases. */
    void write(ByteBuf target, long baseTimestampMs, long baseOffset) {
        long timestampDelta = timestampMs - baseTimestampMs;
        long offsetDelta = offset - baseOffset;
        int tailBytes = endAt - tailAt;
        Varint.write(target, 1 + Varint.size(timestampDelta) + Varint.size(offsetDelta) + tailBytes);
        target.writeByte(attributes);
        Varint.write(target, timestampDelta);
        Varint.write(target, offsetDelta);
        target.writeBytes(source, tailAt, tailBytes);
    }

    private static boolean isText(ByteBuf cursor, int bytes, String text) {
        if (bytes != text.length()) {
            return false;
        }
        for (int i = 0; i < bytes; i++) {
            if (cursor.getByte(cursor.readerIndex() + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private byte @Nullable [] copy(int from, int length) {
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        source.getBytes(from, bytes);
        return bytes;
    }
}
