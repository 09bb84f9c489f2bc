package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A view of one RecordBatch v2 at {@code start} of {@code buffer}; borrows the buffer. The CRC-32C covers everything from
 * the attributes on, so base offset and partition leader epoch can be patched without touching it.
 */
public record RecordBatch(ByteBuf buffer, int start) {
    public static final int HEADER_BYTES = 61;
    /** Base offset and batch length: what comes before the bytes that batch length counts. */
    public static final int LOG_OVERHEAD = 12;

    public static final byte MAGIC = 2;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;

    static final int LENGTH = 8;
    static final int LEADER_EPOCH = 12;
    public static final int MAGIC_BYTE_AT = 16;
    static final int CRC = 17;
    static final int ATTRIBUTES = 21;
    static final int LAST_OFFSET_DELTA = 23;
    static final int BASE_TIMESTAMP = 27;
    static final int MAX_TIMESTAMP = 35;
    static final int PRODUCER_ID = 43;
    static final int PRODUCER_EPOCH = 51;
    static final int BASE_SEQUENCE = 53;
    static final int COUNT = 57;

    static final int COMPRESSION_MASK = 0x07;
    static final int TIMESTAMP_TYPE_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;
    /** Of no batch of Kafka's: its records are elsewhere, see {@link BatchReference}. */
    static final int REFERENCE_BIT = 0x8000;

    /** No delete horizon is set. */
    public static final long NO_HORIZON = -1;

    /** Whether a whole batch, by its own length field, lies between {@code start} and {@code end} of the buffer. */
    public static boolean isWhole(ByteBuf buffer, int start, int end) {
        if (end - start < HEADER_BYTES) {
            return false;
        }
        int length = buffer.getInt(start + LENGTH);
        return length >= HEADER_BYTES - LOG_OVERHEAD && length <= end - start - LOG_OVERHEAD;
    }

    public long baseOffset() {
        return buffer.getLong(start);
    }

    /** Of the whole batch, from base offset to the last record. */
    public int sizeInBytes() {
        return LOG_OVERHEAD + buffer.getInt(start + LENGTH);
    }

    public int end() {
        return start + sizeInBytes();
    }

    public int leaderEpoch() {
        return buffer.getInt(start + LEADER_EPOCH);
    }

    public byte magic() {
        return buffer.getByte(start + MAGIC_BYTE_AT);
    }

    public int attributes() {
        return buffer.getShort(start + ATTRIBUTES);
    }

    /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 are not assigned. */
    public int compressionId() {
        return attributes() & COMPRESSION_MASK;
    }

    public boolean hasAppendTime() {
        return (attributes() & TIMESTAMP_TYPE_BIT) != 0;
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    public boolean isControl() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    /** Whether a {@link BatchReference} stands in for the records. No client sends such a batch, or gets one. */
    public boolean isReference() {
        return (attributes() & REFERENCE_BIT) != 0;
    }

    /** Of the batch itself, or of what it refers to: what readers get. */
    public int payloadBytes() {
        return isReference() ? BatchReference.bytes(this) : sizeInBytes();
    }

    /**
     * When compaction may drop the tombstones, or the marker, of this batch (KIP-534); {@link #NO_HORIZON} before it was
     * compacted first. The horizon takes the place of the base timestamp, which the records count from.
     */
    public long deleteHorizonMs() {
        return (attributes() & DELETE_HORIZON_BIT) == 0 ? NO_HORIZON : baseTimestamp();
    }

    public int lastOffsetDelta() {
        return buffer.getInt(start + LAST_OFFSET_DELTA);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    public long nextOffset() {
        return lastOffset() + 1;
    }

    public long baseTimestamp() {
        return buffer.getLong(start + BASE_TIMESTAMP);
    }

    public long maxTimestamp() {
        return buffer.getLong(start + MAX_TIMESTAMP);
    }

    public long producerId() {
        return buffer.getLong(start + PRODUCER_ID);
    }

    public boolean hasProducerId() {
        return producerId() > NO_PRODUCER_ID;
    }

    public short producerEpoch() {
        return buffer.getShort(start + PRODUCER_EPOCH);
    }

    public int baseSequence() {
        return buffer.getInt(start + BASE_SEQUENCE);
    }

    /** Sequence of the last record; sequences wrap from 2^31-1 to 0. */
    public int lastSequence() {
        return (baseSequence() + lastOffsetDelta()) & Integer.MAX_VALUE;
    }

    public int count() {
        return buffer.getInt(start + COUNT);
    }

    public int crc() {
        return buffer.getInt(start + CRC);
    }

    /** Computes the CRC over the batch: reads every byte once. */
    public boolean isIntact() {
        return computeCrc(buffer, start, sizeInBytes()) == crc();
    }

    public void assign(long baseOffset, int leaderEpoch) {
        buffer.setLong(start, baseOffset);
        buffer.setInt(start + LEADER_EPOCH, leaderEpoch);
    }

    /** Stamps append time over the records' own and renews the CRC; compressed records stay as they are. */
    public void stampAppendTime(long timestampMs) {
        buffer.setShort(start + ATTRIBUTES, attributes() | TIMESTAMP_TYPE_BIT);
        buffer.setLong(start + MAX_TIMESTAMP, timestampMs);
        buffer.setInt(start + CRC, computeCrc(buffer, start, sizeInBytes()));
    }

    /** Makes it the producer's batch, from the sequence number on, and renews the CRC. */
    public void stampProducer(long producerId, short producerEpoch, int baseSequence) {
        buffer.setLong(start + PRODUCER_ID, producerId);
        buffer.setShort(start + PRODUCER_EPOCH, producerEpoch);
        buffer.setInt(start + BASE_SEQUENCE, baseSequence);
        buffer.setInt(start + CRC, computeCrc(buffer, start, sizeInBytes()));
    }

    void renewCrc() {
        buffer.setInt(start + CRC, computeCrc(buffer, start, sizeInBytes()));
    }

    static int computeCrc(ByteBuf buffer, int start, int sizeInBytes) {
        CRC32C crc = new CRC32C();
        int from = start + ATTRIBUTES;
        int length = sizeInBytes - ATTRIBUTES;
        if (buffer.hasArray()) {
            crc.update(buffer.array(), buffer.arrayOffset() + from, length);
        } else {
            for (ByteBuffer part : buffer.nioBuffers(from, length)) {
                crc.update(part);
            }
        }
        return (int) crc.getValue();
    }
}
