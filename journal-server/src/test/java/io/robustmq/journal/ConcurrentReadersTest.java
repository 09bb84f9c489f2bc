package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers in other threads while the log grows, rolls and is trimmed: they see whole intact batches in order, or a refusal. */
class ConcurrentReadersTest {
    private static final int APPENDS = 4_000;
    private static final int READERS = 3;
    private static final Map<String, String> TRIMMED =
            Map.of("segment.bytes", "16384", "retention.bytes", "60000", "index.interval.bytes", "300");

    @TempDir
    Path directory;

    @Test
    void readersOfFilesSeeADenseLog() throws Exception {
        try (SsdStore store = new SsdStore(directory)) {
            run(store, Map.of("journal.flush", "never"));
        }
    }

    @Test
    void readersOfMemorySeeADenseLog() throws Exception {
        try (MemoryStore store = new MemoryStore(64 << 20)) {
            run(store, Map.of());
        }
    }

    private static void run(SegmentStore store, Map<String, String> config) throws Exception {
        try (JournalHarness harness = JournalHarness.open(store, config, TRIMMED)) {
            List<CompletableFuture<Long>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                int seed = i;
                CompletableFuture<Long> end = new CompletableFuture<>();
                readers.add(end);
                new Thread(() -> {
                            try {
                                end.complete(readToTheEnd(harness, new Random(seed)));
                            } catch (Exception | AssertionError e) {
                                end.completeExceptionally(e);
                            }
                        })
                        .start();
            }
            CountDownLatch answered = new CountDownLatch(APPENDS);
            Random random = new Random(42);
            for (int i = 0; i < APPENDS; i++) {
                harness.journal.append(
                        JournalHarness.ORDERS,
                        Batches.of("x".repeat(random.nextInt(600))),
                        AppendOptions.DURABLE,
                        harness.loop(),
                        result -> answered.countDown());
                if (i % 100 == 0) {
                    harness.journal.onAdvance(
                            JournalHarness.ORDERS, i, Isolation.READ_UNCOMMITTED, harness.loop(), () -> {});
                }
            }
            assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
            for (CompletableFuture<Long> reader : readers) {
                assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo(APPENDS);
            }
        }
    }

    private static long readToTheEnd(JournalHarness harness, Random random) throws Exception {
        long next = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (next < APPENDS && System.nanoTime() < deadline) {
            ReadResult result = harness.read(next, 1 + random.nextInt(20_000));
            if (result.error() == BrokerError.OFFSET_OUT_OF_RANGE) {
                assertThat(result.logStartOffset())
                        .as("only what was trimmed is out of range")
                        .isGreaterThan(next);
                next = result.logStartOffset();
            } else {
                assertThat(result.error()).isEqualTo(BrokerError.NONE);
                next = result.slice() == null ? await(harness, next) : check(result, next);
            }
        }
        return next;
    }

    private static long await(JournalHarness harness, long next) throws Exception {
        harness.advanced(next).get(60, TimeUnit.SECONDS);
        return next;
    }

    private static long check(ReadResult result, long offset) throws Exception {
        ByteBuf bytes = result.slice().toBuffer();
        try {
            long next = offset;
            List<RecordBatch> batches = Batches.list(bytes);
            assertThat(batches.get(batches.size() - 1).end()).isEqualTo(bytes.readableBytes());
            for (RecordBatch batch : batches) {
                assertThat(batch.isIntact()).isTrue();
                assertThat(batch.baseOffset()).isEqualTo(next);
                next = batch.nextOffset();
            }
            assertThat(next).isLessThanOrEqualTo(result.highWatermark());
            return next;
        } finally {
            bytes.release();
            result.slice().close();
        }
    }
}
