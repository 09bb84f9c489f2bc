package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal compacts by itself, while it is written and read by others. */
class CompactionServiceTest {
    private static final int APPENDS = 2_500;
    private static final int READERS = 2;
    private static final int FEW = 31;
    private static final Map<String, String> OFTEN = Map.of("journal.cleaner.check.ms", "10", "journal.flush", "never");
    private static final Map<String, String> COMPACTED = Map.of(
            "cleanup.policy", "compact",
            "segment.bytes", "16384",
            "min.cleanable.dirty.ratio", "0.01",
            "delete.retention.ms", "600000",
            "index.interval.bytes", "300");

    @TempDir
    Path directory;

    @Test
    void readersOfFilesMissNothingThatStays() throws Exception {
        try (SsdStore store = new SsdStore(directory)) {
            run(store);
            try (JournalHarness again = JournalHarness.open(store, OFTEN, COMPACTED)) {
                TreeMap<String, String> state = new TreeMap<>();
                assertThat(read(again, 0, state, new Random(1))).isEqualTo(APPENDS);
                assertSame(state, expected(FEW));
            }
        }
    }

    @Test
    void readersOfMemoryMissNothingThatStays() throws Exception {
        try (MemoryStore store = new MemoryStore(64 << 20)) {
            run(store);
        }
    }

    @Test
    void moreKeysThanTheTableHoldsTakeSeveralPasses() throws Exception {
        Map<String, String> small = new HashMap<>(OFTEN);
        small.put("journal.cleaner.map.bytes", "65536");
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store, small, COMPACTED)) {
            int many = 2_099;
            write(harness, many);
            await(() -> harness.registry.counter("robustmq.journal.cleanings").count() > 1);
            TreeMap<String, String> state = new TreeMap<>();
            assertThat(read(harness, 0, state, new Random(3))).isEqualTo(APPENDS);
            assertSame(state, expected(many));
        }
    }

    @Test
    void topicDeletedDuringItsCompactionLeavesNothing() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store, OFTEN, COMPACTED)) {
            write(harness, FEW);
            harness.journal.onImage(Images.changed(JournalHarness.ORDERS_ID), Images.of());
            await(() -> store.shards().isEmpty());
        }
    }

    private static void run(SegmentStore store) throws Exception {
        try (JournalHarness harness = JournalHarness.open(store, OFTEN, COMPACTED)) {
            AtomicBoolean written = new AtomicBoolean();
            List<CompletableFuture<Long>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Random random = new Random(i);
                readers.add(CompletableFuture.supplyAsync(() -> {
                    try {
                        long end = 0;
                        while (!written.get()) {
                            end = read(harness, 0, new TreeMap<>(), random);
                        }
                        return end;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            write(harness, FEW);
            await(() -> compacted(harness));
            written.set(true);
            for (CompletableFuture<Long> reader : readers) {
                assertThat(reader.get(60, TimeUnit.SECONDS)).isPositive();
            }
            TreeMap<String, String> state = new TreeMap<>();
            assertThat(read(harness, 0, state, new Random(7))).isEqualTo(APPENDS);
            assertSame(state, expected(FEW));
        }
    }

    /** Slow disks take their time: every swap is forced. */
    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static void assertSame(Map<String, String> found, Map<String, String> wanted) {
        assertThat(found.keySet()).isEqualTo(wanted.keySet());
        assertThat(found).isEqualTo(wanted);
    }

    private static boolean compacted(JournalHarness harness) {
        return harness.journal.state(JournalHarness.ORDERS).sizeBytes() < 40_000;
    }

    private static void write(JournalHarness harness, int keys) throws Exception {
        CountDownLatch answered = new CountDownLatch(APPENDS);
        for (int i = 0; i < APPENDS; i++) {
            harness.journal.append(
                    JournalHarness.ORDERS,
                    record(i, keys),
                    AppendOptions.DURABLE,
                    harness.loop(),
                    result -> answered.countDown());
        }
        assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
    }

    /** From {@code offset} to the end, in pieces; where that was. */
    private static long read(JournalHarness harness, long offset, Map<String, String> state, Random random)
            throws Exception {
        long[] next = {offset};
        while (true) {
            ReadResult result = harness.read(next[0], 1 + random.nextInt(20_000));
            assertThat(result.error()).isEqualTo(BrokerError.NONE);
            if (result.slice() == null) {
                assertThat(next[0]).isEqualTo(result.highWatermark());
                return next[0];
            }
            long before = next[0];
            ByteBuf bytes = result.slice().toBuffer();
            RecordReader.forAll(bytes, 1 << 20, (batch, record) -> {
                if (record.offset() >= before) {
                    String key = new String(record.keyArray(), StandardCharsets.UTF_8);
                    byte[] value = record.valueArray();
                    if (value == null) {
                        state.remove(key);
                    } else {
                        state.put(key, new String(value, StandardCharsets.UTF_8));
                    }
                }
            });
            for (RecordBatch batch : Batches.list(bytes)) {
                assertThat(batch.isIntact()).isTrue();
                assertThat(batch.nextOffset()).isGreaterThan(next[0]);
                next[0] = batch.nextOffset();
            }
            bytes.release();
            result.slice().close();
        }
    }

    private static Map<String, String> expected(int keys) {
        TreeMap<String, String> state = new TreeMap<>();
        for (int i = 0; i < APPENDS; i++) {
            if (isTombstone(i)) {
                state.remove(key(i, keys));
            } else {
                state.put(key(i, keys), value(i));
            }
        }
        return state;
    }

    private static ByteBuf record(int i, int keys) {
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 256);
        ByteBuf value = isTombstone(i) ? null : Unpooled.copiedBuffer(value(i), StandardCharsets.UTF_8);
        builder.append(Batches.TIME, Unpooled.copiedBuffer(key(i, keys), StandardCharsets.UTF_8), value, List.of());
        return builder.build();
    }

    private static String key(int i, int keys) {
        return "k" + i * 31L % keys;
    }

    private static String value(int i) {
        return "v" + i + "x".repeat(i % 100);
    }

    private static boolean isTombstone(int i) {
        return i % 7 == 3;
    }
}
