package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.storage.memory.MemoryStore;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One partition whose records live in an object store, on real loops and threads. */
class HomeTopicTest {
    private static final Map<String, String> TOPIC = Map.of("storage", "s3");
    private static final Map<String, String> SMALL_SEGMENTS = Map.of("storage", "s3", "segment.bytes", "16384");
    private static final Map<String, String> QUICK = Map.of("storage.linger.ms", "1", "storage.pack.bytes", "4096");
    private static final int RECORDS = 60;

    private final SyncManifests manifests = new SyncManifests();
    private volatile Consumer<String> points = point -> {};
    private final KeptObjects objects = store(new Object(), point -> points.accept(point));
    private final MemoryStore disk = new MemoryStore(64 << 20);

    KeptObjects store(Object lock, Consumer<String> heard) {
        return new KeptObjects(lock, heard);
    }

    @AfterEach
    void closeDisk() {
        disk.close();
    }

    @Test
    void recordsAreInTheStoreBeforeTheAckAndTheLogOnlyRefersToThem() throws Exception {
        try (TieredHarness harness = open(TOPIC)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, RECORDS));
            assertThat(harness.state().sizeBytes()).isLessThan(RECORDS * 200L);
            assertThat(packs()).isNotEmpty();
        }
        try (TieredHarness harness = reopen(TOPIC)) {
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, RECORDS));
            assertThat(harness.readFrom(37)).isEqualTo(TieredJournalTest.expected(37, RECORDS));
            TieredJournalTest.fill(harness, RECORDS, 5);
            assertThat(harness.readFrom(50)).isEqualTo(TieredJournalTest.expected(50, RECORDS + 5));
        }
    }

    @Test
    void manyAppendsShareAnObject() throws Exception {
        try (TieredHarness harness = open(TOPIC, Map.of("storage.linger.ms", "200"))) {
            assertThat(errors(appendAll(harness, 0, RECORDS))).containsExactly(BrokerError.NONE);
            assertThat(packs()).hasSizeLessThanOrEqualTo(3);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, RECORDS));
        }
    }

    @Test
    void appendsStayInTheirOrderWhicheverObjectIsLate() throws Exception {
        CountDownLatch othersStored = new CountDownLatch(3);
        AtomicBoolean isFirst = new AtomicBoolean(true);
        LateFirstObjects late = new LateFirstObjects(objects, isFirst, othersStored);
        try (TieredHarness harness = new TieredHarness(disk, late, manifests, TOPIC, QUICK)) {
            List<CompletableFuture<AppendResult>> answers = appendAll(harness, 0, RECORDS);
            for (int i = 0; i < RECORDS; i++) {
                AppendResult answer = answers.get(i).get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
                assertThat(answer.error()).isEqualTo(BrokerError.NONE);
                assertThat(answer.baseOffset()).isEqualTo(i);
            }
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, RECORDS));
        }
    }

    @Test
    void whatTheStoreDoesNotTakeIsRefusedAndLeavesNoTrace() throws Exception {
        try (TieredHarness harness = open(TOPIC)) {
            TieredJournalTest.fill(harness, 0, 3);
            objects.away(true);
            assertThat(harness.append(Batches.of("lost")).error()).isEqualTo(BrokerError.STORAGE_ERROR);
            objects.away(false);
            assertThat(harness.state().logEndOffset()).isEqualTo(3);
            TieredJournalTest.fill(harness, 3, 3);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 6));
        }
    }

    @Test
    void moreThanMayBePendingIsRefusedWhileTheRestGoesOn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        LateFirstObjects held = new LateFirstObjects(objects, new AtomicBoolean(true), go);
        Map<String, String> config =
                Map.of("storage.linger.ms", "1", "storage.pending.bytes.max", "1048576", "storage.put.threads", "1");
        try (TieredHarness harness = new TieredHarness(disk, held, manifests, TOPIC, config)) {
            List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(appendLater(harness, Batches.of("y".repeat(100_000))));
            }
            AppendResult last = answers.get(19).get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(last.error()).isEqualTo(BrokerError.OVERLOADED);
            go.countDown();
            assertThat(errors(answers)).containsExactlyInAnyOrder(BrokerError.NONE, BrokerError.OVERLOADED);
            assertThat(harness.append(Batches.of("after")).error()).isEqualTo(BrokerError.NONE);
        }
    }

    @Test
    void aBugCostsItsPartitionAloneAndLeavesNobodyWaiting() throws Exception {
        SegmentStore faulty = failingFor(JournalHarness.ORDERS.toString());
        try (TieredHarness harness = new TieredHarness(faulty, objects, manifests, TOPIC, QUICK)) {
            harness.show(Images.of(2, Images.topic(JournalHarness.ORDERS_ID, "orders", 2, TOPIC)));
            harness.journal.recovered().get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(errors(appendAll(harness, 0, RECORDS))).containsExactly(BrokerError.STORAGE_ERROR);
            assertThat(harness.append(Batches.of("later")).error()).isEqualTo(BrokerError.STORAGE_ERROR);
            CompletableFuture<AppendResult> other = new CompletableFuture<>();
            harness.journal.append(
                    new Partition(JournalHarness.ORDERS_ID, 1),
                    Batches.of("other"),
                    AppendOptions.DURABLE,
                    harness.loop(),
                    other::complete);
            assertThat(other.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS).error())
                    .isEqualTo(BrokerError.NONE);
        }
    }

    /** Creates no segment for the shard. */
    private SegmentStore failingFor(String shard) {
        return (SegmentStore) Proxy.newProxyInstance(
                SegmentStore.class.getClassLoader(), new Class<?>[] {SegmentStore.class}, (proxy, method, args) -> {
                    if (method.getName().equals("create") && args[0].equals(shard)) {
                        throw new AssertionError("a bug");
                    }
                    return method.invoke(disk, args);
                });
    }

    @Test
    void aRetryIsStoredOnce() throws Exception {
        try (TieredHarness harness = open(TOPIC)) {
            AppendResult first = harness.append(Batches.idempotent(7, 0, 0, "one"));
            AppendResult again = harness.append(Batches.idempotent(7, 0, 0, "one"));
            AppendResult next = harness.append(Batches.idempotent(7, 0, 1, "two"));
            assertThat(again.error()).isEqualTo(BrokerError.NONE);
            assertThat(again.baseOffset()).isEqualTo(first.baseOffset());
            assertThat(next.baseOffset()).isEqualTo(1);
            assertThat(harness.append(Batches.idempotent(7, 0, 5, "gap")).error())
                    .isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
            assertThat(harness.readFrom(0)).containsExactly("0=one", "1=two");
        }
        try (TieredHarness harness = reopen(TOPIC)) {
            assertThat(harness.append(Batches.idempotent(7, 0, 1, "two")).baseOffset())
                    .isEqualTo(1);
            assertThat(harness.append(Batches.idempotent(7, 0, 2, "three")).baseOffset())
                    .isEqualTo(2);
        }
    }

    @Test
    void transactionsHoldInPacksAndOutOfThem() throws Exception {
        try (TieredHarness harness = open(SMALL_SEGMENTS)) {
            TieredJournalTest.fill(harness, 0, 3);
            harness.append(
                    Batches.transactional(7, 0, 0, TieredJournalTest.value(3)), AppendOptions.DURABLE.verifiedAt(0));
            assertThat(harness.state().lastStableOffset()).isEqualTo(3);
            TieredJournalTest.fill(harness, 4, 3);
            AppendOptions coordinator =
                    new AppendOptions(AppendOptions.DURABLE.acks(), AppendOptions.Origin.COORDINATOR, -1, 30_000);
            assertThat(harness.append(Batches.marker(7, 0, false, 0), coordinator)
                            .error())
                    .isEqualTo(BrokerError.NONE);
            List<AbortedTransaction> aborted = new ArrayList<>();
            harness.readFrom(0, aborted);
            assertThat(aborted).contains(new AbortedTransaction(7, 3));
            TieredJournalTest.fill(harness, 8, RECORDS);
            harness.awaitStoredUpTo(40);
            aborted.clear();
            harness.readFrom(0, aborted);
            assertThat(aborted).contains(new AbortedTransaction(7, 3));
        }
    }

    @Test
    void fullSegmentsGetObjectsOfTheirOwnAndLeaveTheLog() throws Exception {
        try (TieredHarness harness = open(SMALL_SEGMENTS)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(45);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, RECORDS));
            assertThat(harness.offsetForTime(Batches.TIME + 5).offset()).isEqualTo(5);
            assertThat(harness.offsetForTime(Batches.TIME + RECORDS - 2).offset())
                    .isEqualTo(RECORDS - 2);
        }
        try (TieredHarness harness = reopen(SMALL_SEGMENTS)) {
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, RECORDS));
            TieredJournalTest.fill(harness, RECORDS, RECORDS);
            harness.awaitStoredUpTo(2 * RECORDS - 20);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 2 * RECORDS));
        }
    }

    @Test
    void whatIsInPacksTooLongGetsAnObjectOfItsOwn() throws Exception {
        Map<String, String> config = Map.of("storage.linger.ms", "1", "storage.rewrite.ms", "100");
        try (TieredHarness harness = open(TOPIC, config)) {
            TieredJournalTest.fill(harness, 0, 10);
            harness.awaitStoredUpTo(10);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 10));
        }
    }

    @Test
    void packsAreReadAtTheSameTimeToStoreTheirRecordsAgain() throws Exception {
        try (TieredHarness harness = open(TOPIC)) {
            TieredJournalTest.fill(harness, 0, 10);
        }
        CountDownLatch together = new CountDownLatch(2);
        ObjectStore waiting = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, args) -> {
                    if (method.getName().equals("read") && ((String) args[0]).contains("/packs/")) {
                        together.countDown();
                        if (!together.await(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS)) {
                            throw new AssertionError("read alone");
                        }
                    }
                    return method.invoke(objects, args);
                });
        Map<String, String> config = Map.of("storage.linger.ms", "1", "storage.rewrite.ms", "100");
        try (TieredHarness harness = new TieredHarness(disk, waiting, manifests.next(), TOPIC, config)) {
            harness.awaitStoredUpTo(10);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 10));
        }
    }

    @Test
    void appendTimeIsStampedOnWhatReadersGet() throws Exception {
        Map<String, String> topic = Map.of("storage", "s3", "message.timestamp.type", "LogAppendTime");
        try (TieredHarness harness = open(topic)) {
            AppendResult result = harness.append(Batches.at(1_000, "old"));
            assertThat(result.logAppendTimeMs()).isGreaterThan(1_000_000);
            harness.readFrom(0);
            ReadResult read = harness.journal.read(JournalHarness.ORDERS, 0, 1 << 20, true, Isolation.READ_UNCOMMITTED);
            assertThat(read.slice()).isNotNull();
            ByteBuf bytes = read.slice().toBuffer();
            RecordBatch batch = new RecordBatch(bytes, bytes.readerIndex());
            assertThat(batch.hasAppendTime()).isTrue();
            assertThat(batch.isReference()).isFalse();
            assertThat(batch.maxTimestamp()).isEqualTo(result.logAppendTimeMs());
            assertThat(batch.isIntact()).isTrue();
            bytes.release();
            read.slice().close();
        }
    }

    @Test
    void nobodyMayAppendAReference() throws Exception {
        try (TieredHarness harness = open(TOPIC)) {
            ByteBuf forged = Batches.withAttributes(Batches.of("a"), 0x8000);
            assertThat(harness.append(forged).error()).isEqualTo(BrokerError.INVALID_RECORD);
        }
        try (MemoryStore other = new MemoryStore(1 << 20);
                TieredHarness harness = new TieredHarness(other, objects, new SyncManifests(), Map.of())) {
            ByteBuf forged = Batches.withAttributes(Batches.of("a"), 0x8000);
            assertThat(harness.append(forged).error()).isEqualTo(BrokerError.INVALID_RECORD);
        }
    }

    private TieredHarness open(Map<String, String> topic) throws Exception {
        return open(topic, QUICK);
    }

    private TieredHarness open(Map<String, String> topic, Map<String, String> config) throws Exception {
        return new TieredHarness(disk, objects, manifests, topic, config);
    }

    private TieredHarness reopen(Map<String, String> topic) throws Exception {
        return new TieredHarness(disk, objects, manifests.next(), topic, QUICK);
    }

    private Set<String> packs() {
        return objects.names().stream().filter(name -> name.contains("/packs/")).collect(Collectors.toSet());
    }

    private static List<CompletableFuture<AppendResult>> appendAll(TieredHarness harness, int from, int count) {
        List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            answers.add(appendLater(harness, Batches.at(Batches.TIME + i, TieredJournalTest.value(i))));
        }
        return answers;
    }

    private static CompletableFuture<AppendResult> appendLater(TieredHarness harness, ByteBuf batches) {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        harness.journal.append(JournalHarness.ORDERS, batches, AppendOptions.DURABLE, harness.loop(), answer::complete);
        return answer;
    }

    private static Set<BrokerError> errors(List<CompletableFuture<AppendResult>> answers) throws Exception {
        Map<BrokerError, Integer> errors = new HashMap<>();
        for (CompletableFuture<AppendResult> answer : answers) {
            errors.merge(
                    answer.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS).error(), 1, Integer::sum);
        }
        return errors.keySet();
    }
}
