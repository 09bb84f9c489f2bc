package io.robustmq.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our reading and writing of batches against Kafka's own, both ways. */
class RecordFormatTest {
    private static final long TIME = 1_700_000_000_000L;

    @Test
    void whatWeBuildKafkaReads() {
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 16);
        List<io.robustmq.core.record.RecordHeader> headers = List.of(
                io.robustmq.core.record.RecordHeader.of("h", "1"), new io.robustmq.core.record.RecordHeader("n", null));
        builder.append(TIME, bytes("key"), bytes("value"), headers);
        builder.append(TIME - 5, null, bytes(""), List.of());
        builder.append(TIME + 90_000, bytes("k".repeat(300)), null, List.of());
        ByteBuf batch = builder.build();
        try {
            MutableRecordBatch read = kafka(batch);
            read.ensureValid();
            assertThat(read.countOrNull()).isEqualTo(3);
            assertThat(read.maxTimestamp()).isEqualTo(TIME + 90_000);
            assertThat(read.producerId()).isEqualTo(-1);
            assertThat(read.baseSequence()).isEqualTo(-1);
            List<Record> records = new ArrayList<>();
            read.forEach(records::add);
            assertThat(records).extracting(Record::offset).containsExactly(0L, 1L, 2L);
            assertThat(records).extracting(Record::timestamp).containsExactly(TIME, TIME - 5, TIME + 90_000);
            assertThat(text(records.get(0).key())).isEqualTo("key");
            assertThat(text(records.get(0).value())).isEqualTo("value");
            assertThat(records.get(0).headers()).containsExactly(header("h", "1"), header("n", null));
            assertThat(records.get(1).key()).isNull();
            assertThat(records.get(1).value().remaining()).isZero();
            assertThat(records.get(2).value()).isNull();
        } finally {
            batch.release();
        }
    }

    @Test
    void aSmallBatchHasExactlyKafkasBytes() {
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 128);
        builder.append(TIME, bytes("a"), bytes("b"), List.of());
        ByteBuf ours = builder.build();
        MemoryRecords theirs = MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(
                        TIME, "a".getBytes(StandardCharsets.US_ASCII), "b".getBytes(StandardCharsets.US_ASCII)));
        try {
            // Kafka leaves the partition leader epoch at -1, which the checksum does not cover.
            new RecordBatch(ours, 0).assign(0, -1);
            assertThat(Unpooled.wrappedBuffer(theirs.buffer())).isEqualTo(ours);
        } finally {
            ours.release();
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void whatKafkaWritesWeReadInEveryCompression(CompressionType type) {
        MemoryRecords written = MemoryRecords.withIdempotentRecords(
                Compression.of(type).build(),
                4711L,
                (short) 3,
                20,
                new SimpleRecord(
                        TIME,
                        "k1".getBytes(StandardCharsets.US_ASCII),
                        "v".repeat(500).getBytes(StandardCharsets.US_ASCII),
                        new Header[] {header("x", "y"), header("x", null)}),
                new SimpleRecord(TIME + 7, (byte[]) null, "w".getBytes(StandardCharsets.US_ASCII)),
                new SimpleRecord(TIME + 3, "k3".getBytes(StandardCharsets.US_ASCII), null));
        ByteBuf bytes = Unpooled.wrappedBuffer(written.buffer());
        RecordBatch batch = new RecordBatch(bytes, 0);
        assertThat(batch.isIntact()).isTrue();
        assertThat(batch.compressionId()).isEqualTo(type.id);
        assertThat(batch.producerId()).isEqualTo(4711);
        assertThat(batch.producerEpoch()).isEqualTo((short) 3);
        assertThat(batch.baseSequence()).isEqualTo(20);
        assertThat(batch.lastSequence()).isEqualTo(22);
        assertThat(batch.maxTimestamp()).isEqualTo(TIME + 7);
        batch.assign(100, 5);
        assertThat(batch.isIntact())
                .as("offsets and epoch lie outside the checksum")
                .isTrue();
        List<String> seen = new ArrayList<>();
        RecordReader.forAll(
                bytes,
                1 << 20,
                (b, record) -> seen.add(record.offset() + "@" + record.timestampMs() + " "
                        + text(record.keyArray()) + "=" + text(record.valueArray()) + " "
                        + record.headers().stream()
                                .map(h -> h.key() + ":" + h.text())
                                .toList()));
        assertThat(seen)
                .containsExactly(
                        "100@" + TIME + " k1=" + "v".repeat(500) + " [x:y, x:]",
                        "101@" + (TIME + 7) + " null=w []",
                        "102@" + (TIME + 3) + " k3=null []");
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void appendTimeIsStampedWithoutRecompressing(CompressionType type) {
        MemoryRecords written = MemoryRecords.withRecords(
                Compression.of(type).build(), new SimpleRecord(TIME, "v".getBytes(StandardCharsets.US_ASCII)));
        ByteBuf bytes = Unpooled.wrappedBuffer(written.buffer());
        new RecordBatch(bytes, 0).stampAppendTime(TIME + 1_000);
        MutableRecordBatch read = kafka(bytes);
        read.ensureValid();
        assertThat(read.maxTimestamp()).isEqualTo(TIME + 1_000);
        assertThat(read.iterator().next().timestamp()).isEqualTo(TIME + 1_000);
    }

    @Test
    void everyTruncationIsATornBatch() {
        ByteBuf batch = sample();
        for (int end = 0; end < batch.writerIndex(); end++) {
            assertThat(RecordBatch.isWhole(batch, 0, end)).as("cut at %d", end).isFalse();
        }
        assertThat(RecordBatch.isWhole(batch, 0, batch.writerIndex())).isTrue();
        batch.release();
    }

    @Test
    void everyFlippedByteUnderTheChecksumIsFound() {
        ByteBuf batch = sample();
        for (int at = RecordBatch.ATTRIBUTES; at < batch.writerIndex(); at++) {
            batch.setByte(at, batch.getByte(at) ^ 0x40);
            assertThat(new RecordBatch(batch, 0).isIntact()).as("byte %d", at).isFalse();
            batch.setByte(at, batch.getByte(at) ^ 0x40);
        }
        batch.release();
    }

    @Test
    void recordsThatLieAboutTheirLengthsAreRefused() {
        ByteBuf batch = sample();
        int bodyAt = RecordBatch.HEADER_BYTES;
        for (int at = bodyAt; at < batch.writerIndex(); at++) {
            byte kept = batch.getByte(at);
            batch.setByte(at, 0xFE);
            try {
                RecordReader.forAll(batch, 1 << 20, (b, record) -> {
                    record.keyArray();
                    record.headers();
                });
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
            batch.setByte(at, kept);
        }
        batch.release();
    }

    @Test
    void batchThatUnpacksToTooMuchIsRefused() {
        MemoryRecords bomb =
                MemoryRecords.withRecords(Compression.gzip().build(), new SimpleRecord(TIME, new byte[4 << 20]));
        ByteBuf bytes = Unpooled.wrappedBuffer(bomb.buffer());
        assertThat(bytes.readableBytes()).isLessThan(100_000);
        assertThatThrownBy(() -> RecordReader.forAll(bytes, 1 << 20, (b, record) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1048576");
    }

    private static ByteBuf sample() {
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 128);
        builder.append(TIME, bytes("k"), bytes("v"), List.of(io.robustmq.core.record.RecordHeader.of("a", "b")));
        builder.append(TIME, null, bytes("second"), List.of());
        return builder.build();
    }

    private static MutableRecordBatch kafka(ByteBuf batch) {
        return MemoryRecords.readableRecords(batch.nioBuffer())
                .batches()
                .iterator()
                .next();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static String text(ByteBuffer buffer) {
        return StandardCharsets.US_ASCII.decode(buffer.duplicate()).toString();
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.US_ASCII);
    }

    private static Header header(String key, String value) {
        return new RecordHeader(key, value == null ? null : value.getBytes(StandardCharsets.US_ASCII));
    }
}
