package io.robustmq.journal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.Batches;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.storage.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SegmentedLogTest {
    private static final String SHARD = "t-0";
    private static final TopicSettings SMALL =
            TopicSettings.of(Map.of("segment.bytes", "16384", "index.interval.bytes", "500"));

    private final MemoryStore store = new MemoryStore(64 << 20);
    private ProducerTable producers = new ProducerTable(100);
    private long nextOffset;

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void lastBatchCutAtAnyByteIsDroppedAndAllBeforeItKept() throws Exception {
        SegmentedLog log = open();
        append(log, 0, "a");
        append(log, 0, "b", "c");
        int keep = (int) log.sizeInBytes();
        append(log, 0, "torn");
        int whole = (int) log.sizeInBytes();
        byte[] bytes = bytesOf(0);
        for (int cut = keep; cut < whole; cut++) {
            rewrite(0, bytes, cut, null);
            SegmentedLog reopened = open();
            assertThat(reopened.endOffset()).as("cut at %d", cut).isEqualTo(3);
            assertThat(reopened.sizeInBytes()).isEqualTo(keep);
            assertThat(read(reopened, 0)).containsExactly("0=a", "1=b", "2=c");
        }
        rewrite(0, bytes, whole, null);
        assertThat(open().endOffset()).isEqualTo(4);
    }

    @Test
    void lastBatchWithAnyByteDamagedIsDropped() throws Exception {
        SegmentedLog log = open();
        append(log, 0, "a");
        int keep = (int) log.sizeInBytes();
        append(log, 0, "damaged");
        byte[] bytes = bytesOf(0);
        for (int at = keep; at < bytes.length; at++) {
            // The leader epoch is not covered by the checksum; a larger base offset is legal after compaction.
            boolean unprotected = at < keep + 8 || (at >= keep + 12 && at < keep + 16);
            if (!unprotected) {
                rewrite(0, bytes, bytes.length, at);
                assertThat(open().endOffset()).as("byte %d", at).isEqualTo(1);
            }
        }
    }

    @Test
    void appendsContinueAfterACut() throws Exception {
        SegmentedLog log = open();
        append(log, 0, "a");
        append(log, 0, "b");
        byte[] bytes = bytesOf(0);
        rewrite(0, bytes, bytes.length - 1, null);
        SegmentedLog reopened = open();
        append(reopened, 0, "c");
        assertThat(read(open(), 0)).containsExactly("0=a", "1=c");
    }

    @Test
    void cutInsideTheLogDropsTheSegmentsBehindIt() throws Exception {
        SegmentedLog log = open();
        fill(log, 60);
        assertThat(log.segmentCount()).isGreaterThan(2);
        byte[] first = bytesOf(0);
        rewrite(0, first, first.length - 1, null);
        SegmentedLog reopened = open();
        assertThat(reopened.segmentCount()).isEqualTo(1);
        assertThat(store.list(SHARD).stream().filter(name -> name.endsWith(".log")))
                .hasSize(1);
        append(reopened, 0, "next");
        assertThat(open().endOffset()).isEqualTo(reopened.endOffset());
    }

    @Test
    void sealedSegmentsAreTrustedAndReadThroughTheirIndexFiles() throws Exception {
        SegmentedLog log = open();
        fill(log, 100);
        for (SealJob job : log.takeSealJobs()) {
            job.run();
            log.sealed(job);
        }
        assertEveryOffsetIsFound(log, 100);
        // A byte nobody checks on open: proof that the sealed segment is not scanned.
        byte[] first = bytesOf(0);
        rewrite(0, first, first.length, first.length - 1);
        SegmentedLog reopened = open();
        assertThat(reopened.endOffset()).isEqualTo(100);
        assertThat(reopened.segmentCount()).isEqualTo(log.segmentCount());
        assertEveryOffsetIsFound(reopened, 100);
    }

    @Test
    void whatADeletionLeftOfASegmentGoesWithTheNextStart() throws Exception {
        SegmentedLog log = open();
        fill(log, 60);
        for (SealJob job : log.takeSealJobs()) {
            job.run();
            log.sealed(job);
        }
        String index = FileNames.name(0, FileNames.INDEX);
        assertThat(store.list(SHARD)).contains(index);
        store.delete(SHARD, FileNames.name(0, FileNames.LOG));
        SegmentedLog reopened = open();
        assertThat(reopened.startOffset()).isPositive();
        assertThat(reopened.endOffset()).isEqualTo(60);
        assertThat(reopened.segmentCount()).isEqualTo(log.segmentCount() - 1);
        assertThat(store.list(SHARD)).doesNotContain(index);
    }

    @Test
    void damagedIndexFileOnlyCostsAScan() throws Exception {
        SegmentedLog log = open();
        fill(log, 40);
        for (SealJob job : log.takeSealJobs()) {
            job.run();
        }
        String name = FileNames.name(0, FileNames.INDEX);
        byte[] index = SideFile.readAll(store, SHARD, name);
        index[10] ^= 1;
        store.replace(SHARD, name, index);
        assertEveryOffsetIsFound(open(), 40);
    }

    @Test
    void newerIndexFormatRefusesToOpenAndTouchesNothing() throws Exception {
        SegmentedLog log = open();
        append(log, 0, "a");
        log.closeCleanly(producers);
        String name = FileNames.name(0, FileNames.INDEX);
        byte[] index = SideFile.readAll(store, SHARD, name);
        ByteBuffer.wrap(index).putInt(4, IndexFile.VERSION + 1);
        store.replace(SHARD, name, index);
        List<String> before = store.list(SHARD);
        assertThatThrownBy(this::open).isInstanceOf(NewerFormatException.class).hasMessageContaining("format 2");
        assertThat(store.list(SHARD)).isEqualTo(before);
    }

    @Test
    void producersAreRebuiltFromSnapshotAndTail() throws Exception {
        SegmentedLog log = open();
        for (int i = 0; i < 60; i++) {
            append(log, Batches.idempotent(i % 3, 0, i / 3, "x".repeat(900)));
        }
        for (SealJob job : log.takeSealJobs()) {
            job.run();
        }
        var live = producers.states();
        open();
        assertThat(producers.states()).containsExactlyInAnyOrderElementsOf(live);
        for (String name : store.list(SHARD)) {
            if (name.endsWith(FileNames.PRODUCERS)) {
                store.delete(SHARD, name);
            }
        }
        open();
        assertThat(producers.states()).containsExactlyInAnyOrderElementsOf(live);
    }

    @Test
    void snapshotBeyondTheEndOfTheLogIsThrownAway() throws Exception {
        SegmentedLog log = open();
        append(log, Batches.idempotent(1, 0, 0, "a"));
        append(log, Batches.idempotent(1, 0, 1, "b"));
        log.closeCleanly(producers);
        store.delete(SHARD, FileNames.name(0, FileNames.INDEX));
        byte[] bytes = bytesOf(0);
        rewrite(0, bytes, bytes.length - 1, null);
        open();
        assertThat(producers.states()).singleElement().satisfies(state -> assertThat(state.lastSequence())
                .isZero());
        assertThat(store.list(SHARD)).noneMatch(name -> name.endsWith(FileNames.PRODUCERS));
    }

    @Test
    void epochsAreRebuiltFromTheLogAndCutWithIt() throws Exception {
        SegmentedLog log = open();
        append(log, 1, "a");
        append(log, 1, "b");
        append(log, 4, "c");
        SegmentedLog reopened = open();
        assertThat(reopened.epochs().endOf(1, 3)).isEqualTo(new EpochEnd(1, 2));
        assertThat(reopened.epochs().endOf(3, 3)).isEqualTo(new EpochEnd(1, 2));
        assertThat(reopened.epochs().endOf(9, 3)).isEqualTo(new EpochEnd(4, 3));
        assertThat(reopened.epochs().endOf(0, 3)).isEqualTo(EpochEnd.UNKNOWN);
        assertThat(reopened.epochs().toldEndOf(3, 3)).isEqualTo(new EpochEnd(1, 2));
        assertThat(reopened.epochs().toldEndOf(0, 3)).isEqualTo(new EpochEnd(0, 0));
        assertThat(reopened.epochs().toldEndOf(-1, 3)).isEqualTo(EpochEnd.UNKNOWN);
        byte[] bytes = bytesOf(0);
        rewrite(0, bytes, bytes.length - 1, null);
        assertThat(open().epochs().endOf(4, 2)).isEqualTo(new EpochEnd(1, 2));
    }

    @Test
    void segmentRollsWhenItsTimeIsOver() throws Exception {
        SegmentedLog log = open();
        append(log, 0, "a");
        assertThat(log.mustRoll(0, 100, 1)).isFalse();
        assertThat(log.mustRoll(0, 100, SMALL.segmentMs())).isTrue();
    }

    @Test
    void readersOfAViewWhoseSegmentsWereDeletedAreSentToTheNewerOne() throws Exception {
        SegmentedLog log = open();
        fill(log, 100);
        for (SealJob job : log.takeSealJobs()) {
            job.run();
            log.sealed(job);
        }
        ShardView before = log.publish(log.written(), true, 0);
        log.moveStart(log.endOffset());
        DeleteJob gone = log.removeBefore();
        assertThat(gone).isNotNull();
        gone.run();
        assertThatThrownBy(() -> LogReader.read(before, 1, 1 << 20, true, Isolation.READ_UNCOMMITTED))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> TimeLookup.first(before, 1, 100, 1 << 20, Payloads.NONE))
                .isInstanceOf(IllegalStateException.class);
        assertThat(read(log, log.startOffset())).isEmpty();
    }

    /** The store lets go of it at once, and takes nothing for a while that begins below what it let go of. */
    @Test
    void nothingBelowTheLogStartIsStoredButTheRestOfABatch() throws Exception {
        SegmentedLog log = open();
        append(log, 0, "a", "b", "c");
        append(log, 0, "d", "e");
        log.roll(producers, 0);
        append(log, 0, "f");
        log.roll(producers, 0);
        for (SealJob job : log.takeSealJobs()) {
            job.run();
            log.sealed(job);
        }
        boolean[] beginsInTheFirstBatch = {true, true, true, false, false, true};
        for (int start = 0; start < beginsInTheFirstBatch.length; start++) {
            log.moveStart(start);
            TierSource source = log.nextToStore(-1, log.endOffset(), Payloads.NONE);
            assertThat(source).isNotNull();
            assertThat(source.from()).isEqualTo(start);
            assertThat(source.runs(1 << 20).get(0).from() == 0)
                    .as("of a log that begins at %d", start)
                    .isEqualTo(beginsInTheFirstBatch[start]);
            assertThat(source.endOffset()).isEqualTo(start < 5 ? 5 : 6);
            assertThat(source.isBehind()).as("the other one waits, too").isEqualTo(start < 5);
        }
        log.moveStart(6);
        assertThat(log.nextToStore(-1, log.endOffset(), Payloads.NONE)).isNull();
    }

    private SegmentedLog open() throws Exception {
        producers = new ProducerTable(100);
        SegmentedLog log = new LogOpener(store, SHARD, SMALL, producers, 0).open();
        nextOffset = log.endOffset();
        return log;
    }

    private void fill(SegmentedLog log, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            append(log, 0, "v".repeat(900) + i);
        }
    }

    private void append(SegmentedLog log, int epoch, String... values) throws Exception {
        ByteBuf batch = Batches.of(values);
        new RecordBatch(batch, 0).assign(0, epoch);
        append(log, batch);
    }

    private void append(SegmentedLog log, ByteBuf batch) throws Exception {
        RecordBatch view = new RecordBatch(batch, 0);
        view.assign(nextOffset, Math.max(0, view.leaderEpoch()));
        if (log.mustRoll(0, batch.readableBytes(), 0)) {
            log.roll(producers, 0);
        }
        log.append(new ByteBuf[] {batch}, 1);
        producers.apply(view);
        producers.commit();
        nextOffset = view.nextOffset();
        batch.release();
    }

    private static List<String> read(SegmentedLog log, long offset) throws Exception {
        ShardView view = log.publish(log.written(), true, 0);
        ReadResult result = LogReader.read(view, offset, 1 << 20, true, Isolation.READ_UNCOMMITTED);
        if (result.slice() == null) {
            return List.of();
        }
        ByteBuf bytes = result.slice().toBuffer();
        List<String> records = new ArrayList<>(Batches.read(bytes));
        bytes.release();
        result.slice().close();
        return records;
    }

    private static void assertEveryOffsetIsFound(SegmentedLog log, int count) throws Exception {
        ShardView view = log.publish(log.written(), true, 0);
        for (long offset = 0; offset < count; offset++) {
            ReadResult result = LogReader.read(view, offset, 1, true, Isolation.READ_UNCOMMITTED);
            ByteBuf bytes = result.slice().toBuffer();
            assertThat(new RecordBatch(bytes, 0).baseOffset()).isEqualTo(offset);
            assertThat(bytes.readableBytes()).isEqualTo(new RecordBatch(bytes, 0).sizeInBytes());
            bytes.release();
            result.slice().close();
        }
    }

    private byte[] bytesOf(long base) throws Exception {
        return SideFile.readAll(store, SHARD, FileNames.name(base, FileNames.LOG));
    }

    /** Puts back the first {@code length} bytes, one of them flipped if asked. */
    private void rewrite(long base, byte[] bytes, int length, Integer flipped) throws Exception {
        String name = FileNames.name(base, FileNames.LOG);
        byte[] part = Arrays.copyOf(bytes, length);
        if (flipped != null) {
            part[flipped] ^= 0x55;
        }
        store.delete(SHARD, name);
        try (SegmentFile file = store.create(SHARD, name)) {
            file.append(new ByteBuf[] {Unpooled.wrappedBuffer(part)}, 1);
        }
    }
}
