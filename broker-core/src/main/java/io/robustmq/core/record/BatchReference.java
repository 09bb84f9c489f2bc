package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Where the records of a batch are that a log holds only the header of: in a pack, which several partitions' batches share. A pack is
 * an object, or a piece of a stream that grows.
 *
 * <pre>
 *   batch header, with {@link RecordBatch#isReference} · version int8 · node int32 · life int64 · sequence int64 ·
 *   pack's begin int32 · pack's size int32 · position int32 · bytes int32
 * </pre>
 *
 * Header and CRC are those of any batch, so that a log, its replicas, its index and the producers' state take it for one.
 *
 * @param node which stored the pack
 * @param life of that node's process
 * @param sequence of the object or stream, among those of that life
 * @param packAt where in that the pack begins
 * @param packBytes size of the pack
 * @param position of the batch in the pack
 * @param bytes of the batch, from its base offset to its last record
 */
public record BatchReference(int node, long life, long sequence, int packAt, int packBytes, int position, int bytes) {
    /** What follows the header. */
    static final int BODY_BYTES = 37;

    public static final int SIZE_IN_BYTES = RecordBatch.HEADER_BYTES + BODY_BYTES;

    private static final byte VERSION = 0;
    private static final int BYTES_AT = SIZE_IN_BYTES - Integer.BYTES;

    /** Writes what stands in for {@code batch}, and has all of its header but what the records make of it. */
    public void write(RecordBatch batch, ByteBuf to) {
        int at = to.writerIndex();
        to.writeBytes(batch.buffer(), batch.start(), RecordBatch.HEADER_BYTES);
        to.writeByte(VERSION)
                .writeInt(node)
                .writeLong(life)
                .writeLong(sequence)
                .writeInt(packAt)
                .writeInt(packBytes)
                .writeInt(position)
                .writeInt(bytes);
        to.setInt(at + RecordBatch.LENGTH, SIZE_IN_BYTES - RecordBatch.LOG_OVERHEAD);
        to.setShort(at + RecordBatch.ATTRIBUTES, batch.attributes() | RecordBatch.REFERENCE_BIT);
        new RecordBatch(to, at).renewCrc();
    }

    /** Of a batch that {@link RecordBatch#isReference}; an IllegalArgumentException for what a newer version wrote. */
    public static BatchReference of(RecordBatch batch) {
        ByteBuf in = batch.buffer();
        int at = batch.start() + RecordBatch.HEADER_BYTES;
        byte version = in.getByte(at);
        if (version != VERSION || batch.sizeInBytes() != SIZE_IN_BYTES) {
            throw new IllegalArgumentException("a reference of version " + version + " in " + batch.sizeInBytes()
                    + " bytes at offset " + batch.baseOffset());
        }
        return new BatchReference(
                in.getInt(at + 1),
                in.getLong(at + 5),
                in.getLong(at + 13),
                in.getInt(at + 21),
                in.getInt(at + 25),
                in.getInt(at + 29),
                in.getInt(at + 33));
    }

    /** Whether both are in the same pack. */
    public boolean isInPackOf(BatchReference other) {
        return node == other.node && life == other.life && sequence == other.sequence && packAt == other.packAt;
    }

    /** Where the pack ends in its object or stream. */
    public long packEnd() {
        return packAt + (long) packBytes;
    }

    static int bytes(RecordBatch batch) {
        return batch.buffer().getInt(batch.start() + BYTES_AT);
    }

    /**
     * Makes the batch that this refers to at {@code at} of {@code target}, as the log's header says it is.
     *
     * @param header of the reference
     * @param source has the pack's bytes from {@code sourceAt} on at this batch
     * @return false, with {@code target} undefined, when those bytes are not that batch
     */
    public boolean restore(RecordBatch header, byte[] source, int sourceAt, byte[] target, int at) {
        if (sourceAt < 0 || bytes < RecordBatch.HEADER_BYTES || sourceAt > source.length - bytes) {
            return false;
        }
        System.arraycopy(source, sourceAt, target, at, bytes);
        RecordBatch batch = new RecordBatch(Unpooled.wrappedBuffer(target), at);
        if (batch.sizeInBytes() != bytes
                || batch.magic() != RecordBatch.MAGIC
                || batch.count() != header.count()
                || !batch.isIntact()) {
            return false;
        }
        ByteBuf to = batch.buffer();
        int attributes = header.attributes() & ~RecordBatch.REFERENCE_BIT & 0xFFFF;
        boolean stamped = (batch.attributes() & 0xFFFF) != attributes
                || batch.maxTimestamp() != header.maxTimestamp()
                || batch.producerId() != header.producerId()
                || batch.producerEpoch() != header.producerEpoch()
                || batch.baseSequence() != header.baseSequence();
        batch.assign(header.baseOffset(), header.leaderEpoch());
        if (stamped) {
            to.setShort(at + RecordBatch.ATTRIBUTES, attributes);
            to.setLong(at + RecordBatch.MAX_TIMESTAMP, header.maxTimestamp());
            to.setLong(at + RecordBatch.PRODUCER_ID, header.producerId());
            to.setShort(at + RecordBatch.PRODUCER_EPOCH, header.producerEpoch());
            to.setInt(at + RecordBatch.BASE_SEQUENCE, header.baseSequence());
            batch.renewCrc();
        }
        return true;
    }
}
