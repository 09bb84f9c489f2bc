package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.BatchRewriter;
import io.robustmq.core.record.MarkerKind;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.journal.CrashingStore.Crash;
import io.robustmq.journal.CrashingStore.CrashPoint;
import io.robustmq.journal.KeyedHistory.Entry;
import io.robustmq.journal.clean.BatchCleaner;
import io.robustmq.journal.clean.CleanPlan;
import io.robustmq.journal.clean.KeyOffsets;
import io.robustmq.journal.log.CleanJob;
import io.robustmq.journal.log.LogOpener;
import io.robustmq.journal.log.LogReader;
import io.robustmq.journal.log.SealJob;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.shard.ProducerTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random writes, transactions, compactions, crashes at every step of a swap and power cuts, in one thread and by seed. After
 * each: what a reader of the log concludes is what was written, offsets are where they were, and reading goes on to the end.
 */
class CompactionSimulationTest {
    private static final String SHARD = "t-0";
    private static final List<CrashPoint> CRASH_POINTS = List.of(CrashPoint.values());
    private static final int SEEDS = 20;
    private static final int STEPS = 100;
    private static final int KEYS = 40;
    private static final int PRODUCERS = 4;
    private static final long RETENTION_MS = 1_000;
    private static final int UNPACKED_MAX = 1 << 20;

    private static final TopicSettings SETTINGS = TopicSettings.of(Map.of(
            "cleanup.policy", "compact",
            "segment.bytes", "16384",
            "index.interval.bytes", "500",
            "min.cleanable.dirty.ratio", "0",
            "delete.retention.ms", String.valueOf(RETENTION_MS)));

    private final Set<CrashPoint> crashed = EnumSet.noneOf(CrashPoint.class);
    private int compactions;

    @Test
    void nothingIsLostOrComesBackWhateverHappens() throws Exception {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                new Run(seed).go();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(crashed).as("else this test proves nothing").isEqualTo(EnumSet.allOf(CrashPoint.class));
        assertThat(compactions).isGreaterThan(SEEDS * 5);
    }

    /** One seed. */
    private final class Run {
        private final Random random;
        private final KeyedHistory history = new KeyedHistory();
        private final Map<Long, Integer> sequences = new HashMap<>();
        private CrashingStore store = new CrashingStore(new LossyStore(0));
        private ProducerTable producers;
        private SegmentedLog log;
        private long nowMs = 1_000_000;
        private long forced;

        Run(long seed) throws IOException {
            random = new Random(seed);
            open();
        }

        void go() throws IOException {
            for (int step = 0; step < STEPS; step++) {
                nowMs += random.nextInt(100);
                int dice = random.nextInt(20);
                if (dice == 0) {
                    compact(CRASH_POINTS.get(random.nextInt(CRASH_POINTS.size())));
                } else if (dice == 1) {
                    compact(null);
                } else if (dice == 2) {
                    powerCut();
                } else {
                    write();
                }
            }
            settle();
        }

        private void open() throws IOException {
            producers = new ProducerTable(100);
            log = new LogOpener(store, SHARD, SETTINGS, producers, nowMs).open();
            assertThat(log.endOffset()).isGreaterThanOrEqualTo(forced);
            history.truncate(log.endOffset());
            forced = log.endOffset();
            sequences.clear();
            for (ProducerState state : producers.states()) {
                sequences.put(state.producerId(), state.lastSequence() + 1);
            }
            check();
        }

        private void write() throws IOException {
            for (int i = random.nextInt(12); i >= 0; i--) {
                long id = random.nextInt(PRODUCERS);
                if (history.isOpen(id) && random.nextInt(3) == 0) {
                    append(marker(id));
                } else {
                    append(data(id));
                }
            }
            if (random.nextInt(3) == 0) {
                log.written().force();
                forced = log.endOffset();
            }
        }

        private ByteBuf data(long id) {
            boolean transactional = id > 0 && (history.isOpen(id) || random.nextBoolean());
            BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 256);
            int count = 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) {
                String key = "k" + random.nextInt(KEYS);
                String value =
                        random.nextInt(4) == 0 ? null : "v" + history.endOffset() + "x".repeat(random.nextInt(100));
                history.add(new Entry(id, key, value, transactional, false));
                builder.append(nowMs - random.nextInt(50), bytes(key), bytes(value), List.of());
            }
            ByteBuf batch = builder.build();
            if (id > 0) {
                int sequence = sequences.getOrDefault(id, 0);
                sequences.put(id, sequence + count);
                Batches.withProducer(batch, id, 0, sequence);
            }
            return packed(transactional ? Batches.withAttributes(batch, 0x10) : batch);
        }

        private ByteBuf marker(long id) {
            boolean abort = random.nextBoolean();
            history.add(new Entry(id, null, null, true, abort));
            BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 128);
            ByteBuf key = Unpooled.buffer().writeShort(0).writeShort(abort ? 0 : 1);
            builder.append(nowMs, key, Unpooled.buffer().writeShort(0).writeInt(0), List.of());
            return Batches.withAttributes(Batches.withProducer(builder.build(), id, 0, -1), 0x30);
        }

        private ByteBuf packed(ByteBuf batch) {
            BatchRewriter rewriter = new BatchRewriter(UNPACKED_MAX);
            rewriter.choose(new RecordBatch(batch, 0), record -> true);
            ByteBuf packed = Unpooled.buffer();
            rewriter.write(packed, RecordBatch.NO_HORIZON, random.nextInt(5));
            batch.release();
            return packed;
        }

        private void append(ByteBuf bytes) throws IOException {
            RecordBatch batch = new RecordBatch(bytes, 0);
            batch.assign(log.endOffset(), 3);
            if (log.mustRoll(0, bytes.readableBytes(), nowMs)) {
                roll();
            }
            log.append(new ByteBuf[] {bytes}, 1);
            producers.apply(batch);
            producers.commit();
            bytes.release();
        }

        private void roll() throws IOException {
            log.roll(producers, nowMs);
            for (SealJob job : log.takeSealJobs()) {
                job.run();
                log.sealed(job);
            }
            forced = log.endOffset();
        }

        private void compact(CrashPoint crashAt) throws IOException {
            log.publish(log.written(), true, 3);
            CleanPlan plan = log.cleanPlan(nowMs, Math.min(forced, history.lastStable()));
            if (plan == null) {
                return;
            }
            if (crashAt != null) {
                store.arm(crashAt, 1 + random.nextInt(2));
            }
            try (KeyOffsets keys = new KeyOffsets(KeyOffsets.BYTES_MIN)) {
                run(log.cleanJob(
                        plan,
                        keys,
                        producers.lastOffsets(BatchCleaner.UNKNOWN, BatchCleaner.NO_DATA),
                        forced,
                        nowMs,
                        UNPACKED_MAX));
                compactions++;
                check();
            } catch (Crash e) {
                crashed.add(crashAt);
                powerCut();
            }
            store.arm(CrashPoint.OUTPUT_CREATED, Integer.MAX_VALUE);
        }

        private void run(CleanJob job) throws IOException {
            for (CleanJob.Next next = job.step(); next != CleanJob.Next.DONE; next = job.step()) {
                if (next == CleanJob.Next.SWAP) {
                    assertThat(log.beginSwap(job.swap())).isTrue();
                    job.swap().commit();
                    log.swapped(job.swap()).run();
                    job.swapped();
                    check();
                }
            }
            log.cleaned(job.progress());
        }

        private void powerCut() throws IOException {
            store = new CrashingStore(store.disk.powerCut(random));
            open();
        }

        /** With time, nothing is left twice, and no tombstone, up to where the log is compacted. */
        private void settle() throws IOException {
            for (long id = 1; id < PRODUCERS; id++) {
                if (history.isOpen(id)) {
                    append(marker(id));
                }
            }
            roll();
            for (int i = 0; i < 4; i++) {
                nowMs += RETENTION_MS + 1;
                append(data(0));
                roll();
                compact(null);
            }
            long clean = log.endOffset() - 3;
            Map<String, Long> seen = new HashMap<>();
            for (long offset : check()) {
                Entry entry = history.at(offset);
                if (entry.isMarker() || offset >= clean - 12) {
                    continue;
                }
                assertThat(seen.put(entry.key(), offset)).as("two of %s", entry).isNull();
                assertThat(history.isAborted(offset)).as("aborted %s", entry).isFalse();
                assertThat(entry.value())
                        .as("tombstone %s at %d", entry, offset)
                        .isNotNull();
            }
            withoutSnapshots();
        }

        /** The log alone says which sequence each producer is at. */
        private void withoutSnapshots() throws IOException {
            log.written().force();
            for (String name : store.list(SHARD)) {
                if (name.endsWith(".producers")) {
                    store.disk.delete(SHARD, name);
                }
            }
            Map<Long, Integer> before = new HashMap<>(sequences);
            open();
            before.values().removeIf(next -> next == 0);
            assertThat(sequences).containsAllEntriesOf(before);
        }

        /** Reads all there is; the offsets of the records. */
        private List<Long> check() throws IOException {
            log.publish(log.written(), true, 3);
            List<Long> offsets = new ArrayList<>();
            long[] next = {log.startOffset()};
            assertThat(log.endOffset()).isEqualTo(history.endOffset());
            while (next[0] < log.endOffset()) {
                ReadResult result = LogReader.read(
                        log.view(), next[0], 1 + random.nextInt(9_000), true, Isolation.READ_UNCOMMITTED);
                assertThat(result.slice()).as("nothing at %d", next[0]).isNotNull();
                long before = next[0];
                ByteBuf bytes = result.slice().toBuffer();
                RecordReader.forEachBatch(bytes, batch -> {
                    checkBatch(batch, bytes, next, offsets);
                    return true;
                });
                assertThat(next[0]).as("progress").isGreaterThan(before);
            }
            Map<String, String> found = history.committed(offsets);
            Map<String, String> wanted = history.committed();
            assertThat(found.keySet()).isEqualTo(wanted.keySet());
            assertThat(found).isEqualTo(wanted);
            return offsets;
        }

        private void checkBatch(RecordBatch batch, ByteBuf bytes, long[] next, List<Long> offsets) {
            assertThat(batch.isIntact()).isTrue();
            assertThat(batch.lastOffset()).isGreaterThanOrEqualTo(next[0]);
            long from = next[0];
            if (batch.isControl() && batch.count() > 0) {
                Entry marker = history.at(batch.baseOffset());
                assertThat(MarkerKind.of(batch) == MarkerKind.ABORT).isEqualTo(marker.abort());
                assertThat(marker.isMarker()).isTrue();
            }
            RecordReader.forAll(bytes.slice(batch.start(), batch.sizeInBytes()), UNPACKED_MAX, (one, record) -> {
                if (record.offset() < from) {
                    return;
                }
                Entry entry = history.at(record.offset());
                assertThat(text(record.keyArray())).isEqualTo(entry.key());
                assertThat(text(record.valueArray())).isEqualTo(entry.value());
                assertThat(record.timestampMs()).isLessThanOrEqualTo(batch.maxTimestamp());
                offsets.add(record.offset());
            });
            next[0] = batch.nextOffset();
        }
    }

    private static ByteBuf bytes(String text) {
        return text == null ? null : Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
