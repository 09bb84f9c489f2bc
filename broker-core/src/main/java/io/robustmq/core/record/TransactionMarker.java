package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * The control record that ends a producer's transaction in one partition (KIP-98).
 *
 * @param coordinatorEpoch of the coordinator that decided it
 */
public record TransactionMarker(boolean commits, int coordinatorEpoch) {
    private static final short VERSION = 0;
    private static final short ABORT = 0;
    private static final short COMMIT = 1;
    private static final int KEY_BYTES = 4;
    private static final int VALUE_BYTES = 6;

    /** A batch with this one record; the caller owns it. */
    public ByteBuf toBatch(ByteBufAllocator allocator, long producerId, short producerEpoch, long timestampMs) {
        BatchBuilder builder = new BatchBuilder(allocator, 128);
        builder.append(
                timestampMs,
                Unpooled.buffer(KEY_BYTES).writeShort(VERSION).writeShort(commits ? COMMIT : ABORT),
                Unpooled.buffer(VALUE_BYTES).writeShort(VERSION).writeInt(coordinatorEpoch),
                List.of());
        ByteBuf batch = builder.build();
        batch.setShort(RecordBatch.ATTRIBUTES, RecordBatch.TRANSACTIONAL_BIT | RecordBatch.CONTROL_BIT);
        batch.setLong(RecordBatch.PRODUCER_ID, producerId);
        batch.setShort(RecordBatch.PRODUCER_EPOCH, producerEpoch);
        return batch.setInt(RecordBatch.CRC, RecordBatch.computeCrc(batch, 0, batch.readableBytes()));
    }

    /** What a control batch says; throws IllegalArgumentException when it is no marker. */
    public static TransactionMarker of(RecordBatch batch) {
        if (!batch.isControl() || batch.compressionId() != 0 || batch.count() != 1) {
            throw new IllegalArgumentException("not a transaction marker");
        }
        RecordView record = new RecordView(batch.buffer());
        record.read(batch.buffer().duplicate().setIndex(batch.start() + RecordBatch.HEADER_BYTES, batch.end()), batch);
        ByteBuf key = record.key();
        ByteBuf value = record.value();
        if (key == null || value == null || key.readableBytes() < KEY_BYTES || value.readableBytes() < VALUE_BYTES) {
            throw new IllegalArgumentException("a transaction marker is cut short");
        }
        short type = key.getShort(Short.BYTES);
        if (type != ABORT && type != COMMIT) {
            throw new IllegalArgumentException("control record of type " + type);
        }
        return new TransactionMarker(type == COMMIT, value.getInt(Short.BYTES));
    }
}
