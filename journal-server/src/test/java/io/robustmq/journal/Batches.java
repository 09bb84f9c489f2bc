package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.TransactionMarker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Batches for tests. */
public final class Batches {
    /** Recent, so that retention leaves test records alone. */
    public static final long TIME = System.currentTimeMillis();

    private static final int TRANSACTIONAL = 0x10;
    private static final ByteBufAllocator UNTRACKED = new UnpooledByteBufAllocator(false, true);
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int SEQUENCE_AT = 53;

    private Batches() {}

    /** One record per value. */
    public static ByteBuf of(String... values) {
        return at(TIME, values);
    }

    /** For simulations: leak detection takes a stack trace per access, which is most of their time. */
    public static ByteBuf untracked(String value) {
        return build(UNTRACKED, TIME, value);
    }

    public static ByteBuf at(long timestampMs, String... values) {
        return build(ByteBufAllocator.DEFAULT, timestampMs, values);
    }

    private static ByteBuf build(ByteBufAllocator allocator, long timestampMs, String... values) {
        BatchBuilder builder = new BatchBuilder(allocator, 256);
        for (String value : values) {
            ByteBuf bytes = Unpooled.copiedBuffer(value, StandardCharsets.UTF_8);
            builder.append(timestampMs, null, bytes, List.of());
        }
        return builder.build();
    }

    public static ByteBuf idempotent(long producerId, int epoch, int sequence, String... values) {
        return withProducer(of(values), producerId, epoch, sequence);
    }

    public static ByteBuf transactional(long producerId, int epoch, int sequence, String... values) {
        return withAttributes(idempotent(producerId, epoch, sequence, values), TRANSACTIONAL);
    }

    public static ByteBuf marker(long producerId, int epoch, boolean commits, int coordinatorEpoch) {
        return new TransactionMarker(commits, coordinatorEpoch)
                .toBatch(ByteBufAllocator.DEFAULT, producerId, (short) epoch, TIME);
    }

    public static ByteBuf withProducer(ByteBuf batch, long producerId, int epoch, int sequence) {
        batch.setLong(PRODUCER_ID_AT, producerId)
                .setShort(PRODUCER_EPOCH_AT, epoch)
                .setInt(SEQUENCE_AT, sequence);
        return sealed(batch);
    }

    public static ByteBuf withAttributes(ByteBuf batch, int attributes) {
        return sealed(batch.setShort(ATTRIBUTES_AT, attributes));
    }

    /** Renews the checksum after a change. */
    public static ByteBuf sealed(ByteBuf batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.nioBuffer(ATTRIBUTES_AT, batch.writerIndex() - ATTRIBUTES_AT));
        return batch.setInt(CRC_AT, (int) crc.getValue());
    }

    /** Offset=value of every record. */
    public static List<String> read(ByteBuf batches) {
        List<String> found = new ArrayList<>();
        RecordReader.forAll(
                batches,
                1 << 20,
                (batch, record) ->
                        found.add(record.offset() + "=" + new String(record.valueArray(), StandardCharsets.UTF_8)));
        return found;
    }

    public static List<RecordBatch> list(ByteBuf batches) {
        List<RecordBatch> found = new ArrayList<>();
        RecordReader.forEachBatch(batches, found::add);
        return found;
    }
}
