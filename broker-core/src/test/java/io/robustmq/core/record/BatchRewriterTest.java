package io.robustmq.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What we write again, as Kafka reads it. */
class BatchRewriterTest {
    private static final long TIME = 1_700_000_000_000L;
    private static final long HORIZON = TIME + 86_400_000L;
    private static final int UNPACKED_MAX = 1 << 20;

    private final BatchRewriter rewriter = new BatchRewriter(UNPACKED_MAX);
    private final ByteBuf target = Unpooled.buffer().writeZero(3);

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void whatIsLeftKeepsOffsetsTimesSequenceAndCodec(CompressionType type) {
        RecordBatch batch = batch(type);
        rewriter.choose(batch, record -> record.offset() != 101);
        assertThat(rewriter.choseAll()).isFalse();
        assertThat(rewriter.choseTombstones()).isTrue();
        rewriter.write(target, RecordBatch.NO_HORIZON);

        MutableRecordBatch read = kafka();
        assertThat(read.compressionType()).isEqualTo(type);
        assertThat(read.baseOffset()).isEqualTo(100);
        assertThat(read.lastOffset()).isEqualTo(102);
        assertThat(read.countOrNull()).isEqualTo(2);
        assertThat(read.producerId()).isEqualTo(4711);
        assertThat(read.baseSequence()).isEqualTo(20);
        assertThat(read.lastSequence()).isEqualTo(22);
        assertThat(read.partitionLeaderEpoch()).isEqualTo(5);
        assertThat(read.maxTimestamp()).as("of what is left").isEqualTo(TIME + 3);
        assertThat(read.deleteHorizonMs()).isEqualTo(OptionalLong.empty());
        assertThat(records(read)).containsExactly("100@0 k1=v", "102@3 k3=null");
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void deleteHorizonLeavesTheRecordsTheirTimes(CompressionType type) {
        rewriter.choose(batch(type), record -> true);
        assertThat(rewriter.choseAll()).isTrue();
        rewriter.write(target, HORIZON);

        MutableRecordBatch read = kafka();
        assertThat(read.deleteHorizonMs()).isEqualTo(OptionalLong.of(HORIZON));
        assertThat(records(read)).containsExactly("100@0 k1=v", "101@7 k2=w", "102@3 k3=null");
        assertThat(new RecordBatch(target, 3).deleteHorizonMs()).isEqualTo(HORIZON);

        ByteBuf again = Unpooled.buffer();
        rewriter.choose(new RecordBatch(target, 3), record -> record.offset() == 102);
        rewriter.write(again, HORIZON);
        RecordReader.forAll(again, UNPACKED_MAX, (batch, record) -> assertThat(record.timestampMs())
                .isEqualTo(TIME + 3));
    }

    @Test
    void appendTimeStaysTheTimeOfAllRecords() {
        RecordBatch batch = batch(CompressionType.LZ4);
        batch.stampAppendTime(TIME + 50);
        rewriter.choose(batch, record -> record.offset() == 100);
        rewriter.write(target, HORIZON);

        assertThat(kafka().maxTimestamp()).isEqualTo(TIME + 50);
        assertThat(records(kafka())).containsExactly("100@50 k1=v");
    }

    @Test
    void codecMayChange() {
        rewriter.choose(batch(CompressionType.NONE), record -> true);
        rewriter.write(target, RecordBatch.NO_HORIZON, CompressionType.ZSTD.id);

        assertThat(kafka().compressionType()).isEqualTo(CompressionType.ZSTD);
        assertThat(records(kafka())).containsExactly("100@0 k1=v", "101@7 k2=w", "102@3 k3=null");
    }

    @Test
    void emptyBatchKeepsWhatItsProducerDid() {
        rewriter.choose(batch(CompressionType.GZIP), record -> false);
        assertThat(rewriter.choseNone()).isTrue();
        rewriter.write(target, RecordBatch.NO_HORIZON);

        MutableRecordBatch read = kafka();
        assertThat(target.readableBytes()).isEqualTo(3 + RecordBatch.HEADER_BYTES);
        assertThat(read.countOrNull()).isZero();
        assertThat(read.baseOffset()).isEqualTo(100);
        assertThat(read.nextOffset()).isEqualTo(103);
        assertThat(read.lastSequence()).isEqualTo(22);
        assertThat(records(read)).isEmpty();
    }

    @Test
    void fillerHoldsOneOffset() {
        BatchRewriter.writeFiller(77, 4, target);

        MutableRecordBatch read = kafka();
        assertThat(read.baseOffset()).isEqualTo(77);
        assertThat(read.nextOffset()).isEqualTo(78);
        assertThat(read.partitionLeaderEpoch()).isEqualTo(4);
        assertThat(read.hasProducerId()).isFalse();
        assertThat(records(read)).isEmpty();
    }

    @Test
    void markersAreToldApartAndMayGetAHorizon() {
        for (ControlRecordType type : List.of(ControlRecordType.ABORT, ControlRecordType.COMMIT)) {
            MemoryRecords written = MemoryRecords.withEndTransactionMarker(
                    9, TIME, 2, 55L, (short) 1, new EndTransactionMarker(type, 3));
            RecordBatch batch = new RecordBatch(Unpooled.wrappedBuffer(written.buffer()), 0);
            assertThat(MarkerKind.of(batch).name()).isEqualTo(type.name());

            target.writerIndex(3);
            rewriter.choose(batch, record -> true);
            rewriter.write(target, HORIZON);
            assertThat(kafka().isControlBatch()).isTrue();
            assertThat(kafka().deleteHorizonMs()).isEqualTo(OptionalLong.of(HORIZON));
            assertThat(MarkerKind.of(new RecordBatch(target, 3)).name()).isEqualTo(type.name());
        }
    }

    private static RecordBatch batch(CompressionType type) {
        MemoryRecords written = MemoryRecords.withIdempotentRecords(
                Compression.of(type).build(),
                4711L,
                (short) 3,
                20,
                new SimpleRecord(TIME, bytes("k1"), bytes("v")),
                new SimpleRecord(TIME + 7, bytes("k2"), bytes("w")),
                new SimpleRecord(TIME + 3, bytes("k3"), null));
        RecordBatch batch = new RecordBatch(Unpooled.wrappedBuffer(written.buffer()), 0);
        batch.assign(100, 5);
        return batch;
    }

    private MutableRecordBatch kafka() {
        ByteBuffer bytes = target.nioBuffer(3, target.writerIndex() - 3);
        MutableRecordBatch read =
                MemoryRecords.readableRecords(bytes).batches().iterator().next();
        read.ensureValid();
        return read;
    }

    private static List<String> records(MutableRecordBatch batch) {
        List<String> found = new ArrayList<>();
        batch.forEach(record -> found.add(record.offset() + "@" + (record.timestamp() - TIME) + " " + text(record.key())
                + "=" + (record.hasValue() ? text(record.value()) : "null")));
        return found;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
