package io.robustmq.journal.clean;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.MarkerKind;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.journal.Batches;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stays of batches, case by case. */
class BatchCleanerTest {
    private static final long NOW = 1_000_000;
    private static final long RETENTION = 500;
    private static final int TRANSACTIONAL = 0x10;
    private static final int MARKER = 0x30;

    private final KeyOffsets keys = new KeyOffsets(KeyOffsets.BYTES_MIN);
    private final AbortedRanges aborted = new AbortedRanges();
    private final Long2LongHashMap lastOfProducers = new Long2LongHashMap(BatchCleaner.UNKNOWN);
    private final ByteBuf target = Unpooled.buffer();
    private long nowMs = NOW;
    private long mapEnd = 1_000;

    @AfterEach
    void free() {
        keys.close();
    }

    @Test
    void newestRecordOfEachKeyStaysWhereItWas() {
        newest("a", 11);
        newest("b", 10);
        assertThat(clean(batch(10, "b=1", "a=2", "c=3"))).isTrue();
        assertThat(left()).containsExactly("10 b=1", "11 a=2", "12 c=3");
        newest("b", 20);
        assertThat(clean(batch(10, "b=1", "a=2", "c=3"))).isFalse();
        assertThat(left()).containsExactly("11 a=2", "12 c=3");
        assertThat(first().baseOffset()).isEqualTo(10);
        assertThat(first().lastOffset()).isEqualTo(12);
    }

    @Test
    void recordsBehindTheKeysThatAreKnownStay() {
        newest("a", 20);
        mapEnd = 11;
        clean(batch(10, "a=1", "a=2"));
        assertThat(left()).containsExactly("11 a=2");
    }

    @Test
    void batchWithoutAnyRecordLeftGoes() {
        newest("a", 20);
        assertThat(clean(batch(10, "a=1"))).isFalse();
        assertThat(target.isReadable()).isFalse();
    }

    @Test
    void lastBatchOfAProducerStaysEmpty() {
        newest("a", 20);
        lastOfProducers.put(7, 10);
        clean(Batches.withProducer(batch(10, "a=1"), 7, 3, 41));
        assertThat(first().count()).isZero();
        assertThat(first().isIntact()).isTrue();
        assertThat(first().producerId()).isEqualTo(7);
        assertThat(first().lastSequence()).isEqualTo(41);
        ByteBuf empty = target.copy();
        assertThat(clean(empty)).as("and stays as it is").isTrue();
        lastOfProducers.put(7, 30);
        clean(empty);
        assertThat(target.isReadable()).as("until the producer went on").isFalse();
    }

    @Test
    void tombstoneGetsItsHorizonAndGoesWhenThatHasPassed() {
        newest("a", 10);
        BatchCleaner cleaner = cleaner();
        assertThat(cleaner.clean(new RecordBatch(batch(10, "a"), 0), target)).isFalse();
        assertThat(cleaner.nextHorizonMs()).isEqualTo(NOW + RETENTION);
        assertThat(first().deleteHorizonMs()).isEqualTo(NOW + RETENTION);
        assertThat(left()).containsExactly("10 a");
        ByteBuf kept = target.copy();

        nowMs = NOW + RETENTION - 1;
        assertThat(clean(kept)).as("too early").isTrue();
        nowMs = NOW + RETENTION;
        clean(kept);
        assertThat(target.isReadable()).isFalse();
    }

    @Test
    void tombstoneThatIsNotCoveredByTheKeysGetsNoHorizon() {
        mapEnd = 10;
        assertThat(clean(batch(10, "a"))).isTrue();
        assertThat(first().deleteHorizonMs()).isEqualTo(RecordBatch.NO_HORIZON);
    }

    @Test
    void abortedRecordsGoAndCommittedStay() {
        RecordBatch lost = new RecordBatch(transactional(batch(10, "a=1"), 7), 0);
        RecordBatch other = new RecordBatch(transactional(batch(11, "a=2"), 8), 0);
        aborted.onData(lost);
        aborted.onData(other);
        aborted.onMarker(new RecordBatch(marker(12, 7, false), 0), MarkerKind.ABORT);
        aborted.onMarker(new RecordBatch(marker(13, 8, true), 0), MarkerKind.COMMIT);
        assertThat(aborted.anyOpen()).isFalse();
        BatchCleaner cleaner = cleaner();
        cleaner.clean(lost, target);
        assertThat(target.isReadable()).isFalse();
        cleaner.clean(other, target);
        cleaner.clean(new RecordBatch(transactional(batch(14, "a=3"), 7), 0), target);
        assertThat(left()).containsExactly("11 a=2", "14 a=3");
    }

    @Test
    void markerStaysWhileDataOfItsTransactionWasThereAndThenForItsHorizon() {
        BatchCleaner cleaner = cleaner();
        cleaner.clean(new RecordBatch(transactional(batch(10, "a=1"), 7), 0), target);
        target.clear();
        assertThat(cleaner.clean(new RecordBatch(marker(11, 7, true), 0), target))
                .isTrue();
        assertThat(first().deleteHorizonMs()).isEqualTo(RecordBatch.NO_HORIZON);

        assertThat(clean(marker(11, 7, true))).as("no data any more").isFalse();
        assertThat(first().deleteHorizonMs()).isEqualTo(NOW + RETENTION);
        assertThat(MarkerKind.of(first())).isEqualTo(MarkerKind.COMMIT);
        ByteBuf kept = target.copy();
        nowMs = NOW + RETENTION;
        clean(kept);
        assertThat(target.isReadable()).isFalse();
    }

    @Test
    void markerOfAProducerWithoutDataStays() {
        lastOfProducers.put(7, BatchCleaner.NO_DATA);
        nowMs = NOW + RETENTION;
        assertThat(clean(marker(11, 7, true))).isTrue();
        assertThat(first().count()).isOne();
    }

    @Test
    void recordsWithoutKeyGo() {
        clean(Batches.of("no key"));
        assertThat(target.isReadable()).isFalse();
    }

    private boolean clean(ByteBuf batch) {
        target.clear();
        return cleaner().clean(new RecordBatch(batch, 0), target);
    }

    private BatchCleaner cleaner() {
        return new BatchCleaner(keys, mapEnd, aborted, lastOfProducers, nowMs, RETENTION, 1 << 20);
    }

    private void newest(String key, long offset) {
        assertThat(keys.put(bytes(key), offset)).isTrue();
    }

    private RecordBatch first() {
        return new RecordBatch(target, 0);
    }

    private List<String> left() {
        List<String> left = new ArrayList<>();
        RecordReader.forAll(
                target,
                1 << 20,
                (batch, record) -> left.add(record.offset() + " " + text(record.keyArray())
                        + (record.isTombstone() ? "" : "=" + text(record.valueArray()))));
        return left;
    }

    /** Each record is key=value, or key alone for a tombstone. */
    private static ByteBuf batch(long baseOffset, String... records) {
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 256);
        for (String record : records) {
            int equals = record.indexOf('=');
            String key = equals < 0 ? record : record.substring(0, equals);
            builder.append(NOW - 5, bytes(key), bytes(equals < 0 ? null : record.substring(equals + 1)), List.of());
        }
        ByteBuf batch = builder.build();
        new RecordBatch(batch, 0).assign(baseOffset, 4);
        return batch;
    }

    private static ByteBuf transactional(ByteBuf batch, long producerId) {
        return Batches.withAttributes(Batches.withProducer(batch, producerId, 0, 0), TRANSACTIONAL);
    }

    private static ByteBuf marker(long offset, long producerId, boolean commit) {
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 128);
        ByteBuf key = Unpooled.buffer().writeShort(0).writeShort(commit ? 1 : 0);
        builder.append(NOW - 5, key, Unpooled.buffer().writeShort(0).writeInt(0), List.of());
        ByteBuf batch = builder.build();
        new RecordBatch(batch, 0).assign(offset, 4);
        return Batches.withAttributes(Batches.withProducer(batch, producerId, 0, -1), MARKER);
    }

    private static @Nullable ByteBuf bytes(@Nullable String text) {
        return text == null ? null : Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
