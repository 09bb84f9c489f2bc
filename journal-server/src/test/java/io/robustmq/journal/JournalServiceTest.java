package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalServiceTest {
    @TempDir
    Path directory;

    @Test
    void whatIsAppendedIsReadBackWithOffsets() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            assertThat(harness.append(Batches.of("a", "b")).baseOffset()).isZero();
            assertThat(harness.append(Batches.of("c")).baseOffset()).isEqualTo(2);
            assertThat(harness.records(0)).containsExactly("0=a", "1=b", "2=c");
            assertThat(harness.records(2)).containsExactly("2=c");
            assertThat(harness.records(3)).isEmpty();
        }
    }

    @Test
    void whatIsAppendedSurvivesACleanRestart() throws Exception {
        try (SsdStore store = new SsdStore(directory)) {
            try (JournalHarness harness = JournalHarness.open(store)) {
                harness.append(Batches.idempotent(5, 0, 0, "a"));
                harness.append(Batches.idempotent(5, 0, 1, "b"));
            }
            try (JournalHarness harness = JournalHarness.open(store)) {
                assertThat(harness.records(0)).containsExactly("0=a", "1=b");
                assertThat(harness.append(Batches.idempotent(5, 0, 1, "b")).baseOffset())
                        .isEqualTo(1);
                assertThat(harness.append(Batches.idempotent(5, 0, 2, "c")).baseOffset())
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void appendsOfOneThreadKeepTheirOrderAndShareWrites() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                answers.add(harness.send(Batches.of("v" + i), AppendOptions.DURABLE));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get(20, TimeUnit.SECONDS).baseOffset())
                        .isEqualTo(i);
            }
            double writes =
                    harness.registry.get("robustmq.journal.writes").counter().count();
            assertThat(writes).isLessThan(2000);
            assertThat(harness.registry.get("robustmq.journal.flush").timer().count())
                    .isLessThanOrEqualTo((long) writes + 1);
        }
    }

    @Test
    void appendToAPartitionThatIsStillOpeningIsAnswered() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = new JournalHarness(store, Map.of())) {
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Map.of()));
            assertThat(harness.append(Batches.of("early")).baseOffset()).isZero();
        }
    }

    @Test
    void partitionThatIsNotHereIsUnknown() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            Partition other = new Partition(new TopicId(1, 1), 0);
            CompletableFuture<AppendResult> answer = new CompletableFuture<>();
            harness.journal.append(other, Batches.of("x"), AppendOptions.DURABLE, harness.loop(), answer::complete);
            assertThat(answer.get(20, TimeUnit.SECONDS).error()).isEqualTo(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
            assertThat(harness.journal
                            .read(other, 0, 100, true, Isolation.READ_UNCOMMITTED)
                            .error())
                    .isEqualTo(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
            assertThat(harness.journal.state(other)).isNull();
        }
    }

    @Test
    void readOutsideTheLogIsRefusedAndAtItsEndIsEmpty() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            harness.append(Batches.of("a"));
            assertThat(harness.read(2, 100).error()).isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
            assertThat(harness.read(-1, 100).error()).isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
            ReadResult atEnd = harness.read(1, 100);
            assertThat(atEnd.error()).isEqualTo(BrokerError.NONE);
            assertThat(atEnd.slice()).isNull();
            assertThat(atEnd.highWatermark()).isEqualTo(1);
        }
    }

    @Test
    void readReturnsWholeBatchesWithinTheLimitAndAlwaysOneWhenAsked() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            ByteBuf sample = Batches.of("0123456789");
            int size = sample.readableBytes();
            sample.release();
            for (int i = 0; i < 10; i++) {
                harness.append(Batches.of("0123456789"));
            }
            assertThat(sizeOf(harness.read(0, size * 3 + 5))).isEqualTo(size * 3);
            assertThat(sizeOf(harness.read(4, size * 3))).isEqualTo(size * 3);
            assertThat(sizeOf(harness.read(0, 1))).isEqualTo(size);
            assertThat(harness.journal
                            .read(JournalHarness.ORDERS, 0, 1, false, Isolation.READ_UNCOMMITTED)
                            .slice())
                    .isNull();
        }
    }

    @Test
    void waitingReaderIsWokenInItsLoopOnce() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            CompletableFuture<Boolean> woken = harness.advanced(0);
            assertThat(woken).isNotDone();
            harness.append(Batches.of("a"));
            assertThat(woken.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(harness.advanced(0).get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void cancelledReaderIsNotWoken() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            CountDownLatch woken = new CountDownLatch(1);
            harness.journal
                    .onAdvance(JournalHarness.ORDERS, 0, Isolation.READ_UNCOMMITTED, harness.loop(), woken::countDown)
                    .cancel();
            CompletableFuture<Boolean> other = harness.advanced(0);
            harness.append(Batches.of("a"));
            other.get(20, TimeUnit.SECONDS);
            assertThat(woken.getCount()).isEqualTo(1);
        }
    }

    @Test
    void deletedRecordsStayDeletedAfterARestart() throws Exception {
        try (SsdStore store = new SsdStore(directory)) {
            try (JournalHarness harness = JournalHarness.open(store)) {
                harness.append(Batches.of("a", "b", "c"));
                assertThat(harness.deleteRecords(2).baseOffset()).isEqualTo(2);
                assertThat(harness.read(1, 100).error()).isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
                assertThat(harness.deleteRecords(4).error()).isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
                assertThat(harness.deleteRecords(-1).baseOffset()).isEqualTo(3);
            }
            try (JournalHarness harness = JournalHarness.open(store)) {
                assertThat(harness.journal.state(JournalHarness.ORDERS).logStartOffset())
                        .isEqualTo(3);
                assertThat(harness.append(Batches.of("d")).baseOffset()).isEqualTo(3);
            }
        }
    }

    @Test
    void appendsOfOneTurnDoNotOverfillAFreshSegment() throws Exception {
        int segmentBytes = 16_384;
        int count = 400;
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness =
                        JournalHarness.open(store, Map.of(), Map.of("segment.bytes", String.valueOf(segmentBytes)))) {
            List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
            CompletableFuture<Boolean> sent = new CompletableFuture<>();
            harness.loop().execute(() -> {
                for (int i = 0; i < count; i++) {
                    answers.add(harness.send(Batches.of("x".repeat(200)), AppendOptions.DURABLE));
                }
                sent.complete(true);
            });
            assertThat(sent.get(20, TimeUnit.SECONDS)).isTrue();
            for (CompletableFuture<AppendResult> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS).error()).isEqualTo(BrokerError.NONE);
            }
            try (Stream<Path> files = Files.list(directory.resolve(JournalHarness.ORDERS.toString()))) {
                assertThat(files.filter(file -> file.toString().endsWith(".log")))
                        .hasSizeGreaterThan(count * 200 / segmentBytes)
                        .allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(segmentBytes));
            }
        }
    }

    @Test
    void sizeRetentionDropsOldSegmentsButNotAReadersSlice() throws Exception {
        Map<String, String> small = Map.of("segment.bytes", "16384", "retention.bytes", "20000");
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store, Map.of(), small)) {
            String value = "x".repeat(1000);
            harness.append(Batches.of(value));
            ReadResult held = harness.read(0, 2000);
            for (int i = 0; i < 100; i++) {
                harness.append(Batches.of(value));
            }
            await(() -> harness.journal.state(JournalHarness.ORDERS).sizeBytes() < 20_000 + 16_384);
            assertThat(harness.journal.state(JournalHarness.ORDERS).sizeBytes()).isGreaterThanOrEqualTo(20_000);
            await(() -> !store.list(JournalHarness.ORDERS.toString()).contains("00000000000000000000.log"));
            ByteBuf bytes = held.slice().toBuffer();
            assertThat(Batches.read(bytes)).containsExactly("0=" + value);
            bytes.release();
            held.slice().close();
            assertThat(harness.read(0, 100).error()).isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
        }
    }

    @Test
    void expiredRecordsGoAndTheNextOffsetStays() throws Exception {
        try (SsdStore store = new SsdStore(directory)) {
            try (JournalHarness harness = JournalHarness.open(store, Map.of(), Map.of("retention.ms", "1000"))) {
                harness.append(Batches.at(1_000, "old", "older"));
                await(() -> harness.journal.state(JournalHarness.ORDERS).logStartOffset() == 2);
            }
            try (JournalHarness harness = JournalHarness.open(store)) {
                assertThat(harness.append(Batches.of("new")).baseOffset()).isEqualTo(2);
            }
        }
    }

    @Test
    void changedSettingsApplyToTheNextAppend() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Map.of("max.message.bytes", "100")));
            assertThat(harness.append(Batches.of("x".repeat(200))).error()).isEqualTo(BrokerError.MESSAGE_TOO_LARGE);
        }
    }

    @Test
    void newLeaderEpochFencesTheOldOneAndIsRemembered() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            harness.append(Batches.of("a", "b"));
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Images.NODE, 4, Map.of()));
            AppendOptions old = new AppendOptions(Acks.ALL, Origin.CLIENT, 0, 1000);
            assertThat(harness.send(Batches.of("c"), old)
                            .get(20, TimeUnit.SECONDS)
                            .error())
                    .isEqualTo(BrokerError.FENCED_LEADER_EPOCH);
            AppendOptions future = new AppendOptions(Acks.ALL, Origin.CLIENT, 5, 1000);
            assertThat(harness.send(Batches.of("c"), future)
                            .get(20, TimeUnit.SECONDS)
                            .error())
                    .isEqualTo(BrokerError.UNKNOWN_LEADER_EPOCH);
            harness.append(Batches.of("c"));
            assertThat(harness.journal.endOfEpoch(JournalHarness.ORDERS, 3)).isEqualTo(new EpochEnd(0, 2));
            assertThat(harness.journal.endOfEpoch(JournalHarness.ORDERS, 4)).isEqualTo(new EpochEnd(4, 3));
        }
    }

    @Test
    void partitionLedElsewhereRefusesAndWakesItsReaders() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            harness.append(Batches.of("a"));
            CompletableFuture<Boolean> woken = harness.advanced(1);
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, 2, 1, Map.of()));
            assertThat(woken.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(harness.append(Batches.of("b")).error()).isEqualTo(BrokerError.NOT_LEADER);
            assertThat(harness.read(0, 100).error()).isEqualTo(BrokerError.NOT_LEADER);
        }
    }

    @Test
    void deletedTopicLeavesNothingBehind() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            harness.append(Batches.of("a"));
            CompletableFuture<Boolean> woken = harness.advanced(1);
            harness.journal.onImage(Images.changed(JournalHarness.ORDERS_ID), Images.of());
            assertThat(woken.get(20, TimeUnit.SECONDS)).isTrue();
            await(() -> store.shards().isEmpty());
            assertThat(harness.append(Batches.of("b")).error()).isEqualTo(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
        }
    }

    @Test
    void timesAreLookedUpInsideBatches() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Map.of("retention.ms", "-1")));
            assertThat(harness.offsetForTime(0)).isEqualTo(TimestampedOffset.NONE);
            harness.append(Batches.at(1_000, "a", "b"));
            harness.append(Batches.at(5_000, "c"));
            harness.append(Batches.at(3_000, "d"));
            assertThat(harness.offsetForTime(1_000)).isEqualTo(new TimestampedOffset(1_000, 0, 0));
            assertThat(harness.offsetForTime(1_001)).isEqualTo(new TimestampedOffset(5_000, 2, 0));
            assertThat(harness.offsetForTime(5_001)).isEqualTo(TimestampedOffset.NONE);
            assertThat(harness.lookUp(reply ->
                            harness.journal.offsetForMaxTimestamp(JournalHarness.ORDERS, harness.loop(), reply)))
                    .isEqualTo(new TimestampedOffset(5_000, 2, 0));
        }
    }

    @Test
    void fullStoreRefusesAppendsKeepsReadingAndRecovers() throws Exception {
        try (MemoryStore store = new MemoryStore(64 << 10)) {
            try (JournalHarness harness = JournalHarness.open(store, Map.of(), Map.of("segment.bytes", "16384"))) {
                String value = "x".repeat(4000);
                AppendResult answer = harness.append(Batches.of(value));
                long stored = 0;
                while (answer.succeeded()) {
                    stored = answer.baseOffset() + 1;
                    answer = harness.append(Batches.of(value));
                }
                assertThat(answer.error()).isEqualTo(BrokerError.STORAGE_FULL);
                assertThat(harness.records(0)).isNotEmpty();
                assertThat(harness.journal.state(JournalHarness.ORDERS).logEndOffset())
                        .isEqualTo(stored);
                fillUp(store);
                assertThat(harness.deleteRecords(stored).error()).isEqualTo(BrokerError.NONE);
                long expected = stored;
                await(() -> {
                    AppendResult again = harness.append(Batches.of(value));
                    return again.succeeded() && again.baseOffset() == expected;
                });
            }
        }
    }

    @Test
    void overloadedJournalRefusesAtOnce() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness =
                        JournalHarness.open(store, Map.of("journal.inflight.bytes.max", "1MiB"), Map.of())) {
            CountDownLatch busy = new CountDownLatch(1);
            harness.loops.loops().forEach(loop -> loop.execute(() -> awaitUninterruptibly(busy)));
            List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(harness.send(Batches.of("x".repeat(100_000)), AppendOptions.DURABLE));
            }
            busy.countDown();
            int refused = 0;
            for (CompletableFuture<AppendResult> answer : answers) {
                AppendResult result = answer.get(20, TimeUnit.SECONDS);
                assertThat(result.error()).isIn(BrokerError.NONE, BrokerError.OVERLOADED);
                refused += result.succeeded() ? 0 : 1;
            }
            assertThat(refused).isBetween(1, 39);
            assertThat(harness.append(Batches.of("after")).succeeded()).isTrue();
        }
    }

    /** Takes what is left, to the last byte. */
    private static void fillUp(MemoryStore store) throws IOException {
        for (int size = 32 << 10; size > 0; size /= 2) {
            try {
                store.replace("other", "0" + size, new byte[size]);
            } catch (StoreException e) {
                assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL);
            }
        }
    }

    /** True within the time limit; checks again as often as the journal's own checks run. */
    static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int sizeOf(ReadResult result) {
        int size = result.slice().sizeInBytes();
        result.slice().close();
        return size;
    }
}
