package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.home.sweep.LivePacks;
import io.robustmq.journal.home.sweep.PackSweeper.Swept;
import io.robustmq.storage.memory.MemoryStore;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which packs go, and which never do, on a journal with its real loops and threads. */
class HomeSweepTest {
    private static final long DELAY_MS = 60_000;
    private static final Map<String, String> TOPIC = Map.of("storage", "s3");
    private static final Map<String, String> SMALL_SEGMENTS = Map.of("storage", "s3", "segment.bytes", "16384");
    private static final Map<String, String> CONFIG = Map.of(
            "storage.linger.ms",
            "1",
            "storage.pack.bytes",
            "4096",
            "remote.storage.delete.delay.ms",
            Long.toString(DELAY_MS));
    private static final String PREFIX = "cluster/";
    private static final int RECORDS = 60;
    private static final int DISK_THREADS_MAX = 16;

    private final SyncManifests manifests = new SyncManifests();
    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final MemoryStore disk = new MemoryStore(64 << 20);

    @AfterEach
    void closeDisk() {
        disk.close();
    }

    @Test
    void whatTheGrowingSegmentRefersToStays() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC);
                Sweeps sweeps = new Sweeps(harness)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            Set<PackName> packs = packs();
            assertThat(sweeps.sweep()).isEqualTo(new Swept(true, packs.size(), 0, 0, ""));
            assertThat(sweeps.sweepAfter(2 * DELAY_MS).deleted()).isZero();
            assertThat(packs()).isEqualTo(packs);
            assertThat(sweeps.registry.get("robustmq.home.packs.stored").gauge().value())
                    .isEqualTo(packs.size());
            assertThat(sweeps.registry
                            .get("robustmq.home.packs.stored.bytes")
                            .gauge()
                            .value())
                    .isGreaterThan(RECORDS * 300.0);
        }
    }

    @Test
    void packsOfRecordsThatHaveObjectsOfTheirOwnGoWhenTheDelayIsOver() throws Exception {
        try (TieredHarness harness = open(objects, SMALL_SEGMENTS);
                Sweeps sweeps = new Sweeps(harness)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(45);
            Set<PackName> packs = packs();
            Swept first = sweeps.sweep();
            assertThat(first.unreferenced()).isPositive();
            assertThat(first.deleted()).isZero();
            assertThat(sweeps.sweepAfter(DELAY_MS - 1).deleted()).isZero();
            assertThat(packs()).isEqualTo(packs);
            assertThat(sweeps.sweepAfter(1).deleted()).isEqualTo(first.unreferenced());
            assertThat(packs()).hasSize((int) (packs.size() - first.unreferenced()));
            assertThat(sweeps.registry
                            .get("robustmq.home.packs.deleted")
                            .counter()
                            .count())
                    .isEqualTo((double) first.unreferenced());
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, RECORDS));
        }
    }

    @Test
    void anErrorEndsOneLookAndNotAll() throws Exception {
        AtomicBoolean fails = new AtomicBoolean(true);
        try (TieredHarness harness = open(objects, TOPIC)) {
            TieredJournalTest.fill(harness, 0, 5);
            LivePacks live = (partition, done) -> {
                if (fails.get()) {
                    throw new OutOfMemoryError("as if");
                }
                harness.journal.livePacks(partition, done);
            };
            try (Sweeps sweeps = new Sweeps(harness, live, () -> true)) {
                assertThat(sweeps.sweep().hindrance()).contains("as if");
                fails.set(false);
                assertThat(sweeps.sweep().hindrance()).isEmpty();
            }
        }
    }

    @Test
    void whatWaitsToBeWrittenIsKept() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        LateFirstObjects late = new LateFirstObjects(objects, new AtomicBoolean(true), go, true);
        try (TieredHarness harness = open(late, TOPIC);
                Sweeps sweeps = new Sweeps(harness)) {
            CompletableFuture<AppendResult> answer = new CompletableFuture<>();
            harness.journal.append(
                    JournalHarness.ORDERS,
                    Batches.at(Batches.TIME, TieredJournalTest.value(0)),
                    AppendOptions.DURABLE,
                    harness.loop(),
                    answer::complete);
            ReplicatedJournals.until(() -> !packs().isEmpty());
            assertThat(sweeps.sweep().packs()).isEqualTo(1);
            assertThat(sweeps.sweepAfter(2 * DELAY_MS).deleted()).isZero();
            assertThat(answer).isNotDone();
            go.countDown();
            assertThat(answer.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS).error())
                    .isEqualTo(BrokerError.NONE);
            assertThat(sweeps.sweepAfter(2 * DELAY_MS).unreferenced()).isZero();
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 1));
        }
    }

    /** An append is on its way from those that wait into the log, and is to be seen in one of both. */
    @Test
    void whateverIsInTheStoreIsNeededAtEveryMomentOfAnAppend() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC)) {
            CompletableFuture<Void> appends = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 500; i++) {
                    try {
                        assertThat(harness.append(Batches.of("value" + i)).error())
                                .isEqualTo(BrokerError.NONE);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }
            });
            while (!appends.isDone()) {
                Set<PackName> listed = packs();
                listed.removeAll(live(harness));
                assertThat(listed).isEmpty();
            }
            appends.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** The threads that look through logs are held up until what waited has been written. */
    @Test
    void whatIsWrittenAfterTheMomentOfTheQuestionIsSeenAmongWhatWaited() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch isWritten = new CountDownLatch(1);
        LateFirstObjects late = new LateFirstObjects(objects, new AtomicBoolean(true), go, true);
        try (TieredHarness harness = open(late, TOPIC)) {
            CompletableFuture<AppendResult> answer = new CompletableFuture<>();
            harness.journal.append(
                    JournalHarness.ORDERS, Batches.of("a"), AppendOptions.DURABLE, harness.loop(), answer::complete);
            ReplicatedJournals.until(() -> packs().size() == 1);
            for (int i = 0; i < DISK_THREADS_MAX; i++) {
                harness.journal.livePacks(JournalHarness.ORDERS, packs -> await(isWritten));
            }
            CompletableFuture<Set<PackName>> live = new CompletableFuture<>();
            harness.journal.livePacks(JournalHarness.ORDERS, live::complete);
            go.countDown();
            answer.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(live).isNotDone();
            isWritten.countDown();
            assertThat(live.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(packs());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsStoredWhileTheLeadersAreAskedIsNotJudged() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC)) {
            LivePacks busy = (partition, done) -> harness.journal.livePacks(
                    partition,
                    packs -> harness.journal.append(
                            partition,
                            Batches.of("one more"),
                            AppendOptions.DURABLE,
                            harness.loop(),
                            answer -> done.accept(packs)));
            try (Sweeps sweeps = new Sweeps(harness, busy, () -> true)) {
                assertThat(sweeps.sweep()).isEqualTo(new Swept(true, 0, 0, 0, ""));
                assertThat(sweeps.sweep()).isEqualTo(new Swept(true, 1, 0, 0, ""));
                assertThat(packs()).hasSize(2);
            }
        }
    }

    @Test
    void whatIsWrittenAndNotCommittedStays() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC);
                Sweeps sweeps = new Sweeps(harness)) {
            harness.show(withSilentFollower(1));
            harness.journal.registered(1);
            harness.journal.leased(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
            CompletableFuture<AppendResult> answer = new CompletableFuture<>();
            harness.journal.append(
                    JournalHarness.ORDERS, Batches.of("a"), AppendOptions.DURABLE, harness.loop(), answer::complete);
            ReplicatedJournals.until(() -> harness.state().logEndOffset() == 1);
            assertThat(harness.state().highWatermark()).isZero();
            assertThat(sweeps.sweep().packs()).isEqualTo(1);
            assertThat(sweeps.sweepAfter(2 * DELAY_MS)).isEqualTo(new Swept(true, 1, 0, 0, ""));
            assertThat(packs()).hasSize(1);
            harness.show(image(new PartitionImage(0, Images.NODE, 2, 2, List.of(1), List.of(1)), 1));
            assertThat(answer.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS).error())
                    .isEqualTo(BrokerError.NONE);
            assertThat(harness.readFrom(0)).containsExactly("0=a");
        }
    }

    @Test
    void whoIsNotSureToLeadSaysNothingAndNothingGoes() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC);
                Sweeps sweeps = new Sweeps(harness)) {
            stray(7);
            harness.show(withSilentFollower(1));
            harness.journal.registered(1);
            harness.journal.leased(System.nanoTime() - 1);
            assertThat(sweeps.sweep().hindrance()).contains(JournalHarness.ORDERS.toString());
            assertThat(sweeps.sweepAfter(2 * DELAY_MS).hindrance()).isNotEmpty();
            harness.journal.leased(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
            assertThat(sweeps.sweepAfter(2 * DELAY_MS).deleted()).isZero();
            assertThat(packs()).hasSize(1);
            assertThat(sweeps.sweepAfter(DELAY_MS).deleted()).isEqualTo(1);
        }
    }

    @Test
    void nothingGoesWhileOnePartitionDoesNotSayWhatItNeeds() throws Exception {
        AtomicBoolean isSilent = new AtomicBoolean();
        try (TieredHarness harness = open(objects, TOPIC)) {
            LivePacks sometimes = (partition, done) -> {
                if (isSilent.get()) {
                    done.accept(null);
                } else {
                    harness.journal.livePacks(partition, done);
                }
            };
            try (Sweeps sweeps = new Sweeps(harness, sometimes, () -> true)) {
                TieredJournalTest.fill(harness, 0, 5);
                int live = packs().size();
                stray(7);
                assertThat(sweeps.sweep().unreferenced()).isEqualTo(1);
                isSilent.set(true);
                Swept hindered = sweeps.sweepAfter(2 * DELAY_MS);
                assertThat(hindered.deleted()).isZero();
                assertThat(hindered.hindrance()).contains(JournalHarness.ORDERS.toString());
                assertThat(packs()).hasSize(live + 1);
                isSilent.set(false);
                assertThat(sweeps.sweep().deleted()).isEqualTo(1);
                assertThat(packs()).hasSize(live);
                assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 5));
            }
        }
    }

    @Test
    void nothingGoesWhileAPartitionHasNoLeaderOrOneThatCannotBeAsked() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC);
                Sweeps sweeps = new Sweeps(harness)) {
            stray(7);
            for (int leader : List.of(PartitionImage.NO_LEADER, 2)) {
                harness.show(image(new PartitionImage(0, leader, 1, 1, List.of(1, 2), List.of(1, 2)), 1));
                assertThat(sweeps.sweepAfter(2 * DELAY_MS).hindrance()).isNotEmpty();
                assertThat(sweeps.sweepAfter(2 * DELAY_MS).deleted()).isZero();
            }
            assertThat(packs()).hasSize(1);
        }
    }

    @Test
    void aPackThatIsStoredAfterItsAppendsFailedGoes() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC);
                Sweeps sweeps = new Sweeps(harness)) {
            TieredJournalTest.fill(harness, 0, 3);
            PackName last = packs().stream().max(PackName::compareTo).orElseThrow();
            objects.away(true);
            assertThat(harness.append(Batches.of("lost")).error()).isEqualTo(BrokerError.STORAGE_ERROR);
            objects.away(false);
            objects.create(
                    new PackName(last.node(), last.life(), last.sequence() + 1).object(PREFIX),
                    UUID.randomUUID(),
                    List.of());
            TieredJournalTest.fill(harness, 3, 3);
            Set<PackName> packs = packs();
            assertThat(sweeps.sweep().unreferenced()).isEqualTo(1);
            assertThat(sweeps.sweepAfter(DELAY_MS).deleted()).isEqualTo(1);
            assertThat(packs()).hasSize(packs.size() - 1);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 6));
        }
    }

    @Test
    void packsOfATopicThatIsGoneGo() throws Exception {
        try (TieredHarness harness = open(objects, TOPIC);
                Sweeps sweeps = new Sweeps(harness)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            assertThat(sweeps.sweep().unreferenced()).isZero();
            harness.show(Images.of());
            int packs = packs().size();
            assertThat(sweeps.sweep().unreferenced()).isEqualTo(packs);
            assertThat(packs()).hasSize(packs);
            assertThat(sweeps.sweepAfter(DELAY_MS).deleted()).isEqualTo(packs);
            assertThat(packs()).isEmpty();
        }
    }

    @Test
    void whoDoesNotSweepAnyMoreDeletesNothingAndBeginsAnewWhenItDoes() throws Exception {
        AtomicBoolean isOurs = new AtomicBoolean(true);
        try (TieredHarness harness = open(objects, TOPIC);
                Sweeps sweeps = new Sweeps(harness, harness.journal::livePacks, isOurs::get)) {
            stray(7);
            assertThat(sweeps.sweep().unreferenced()).isEqualTo(1);
            isOurs.set(false);
            assertThat(sweeps.sweepAfter(2 * DELAY_MS).here()).isFalse();
            isOurs.set(true);
            assertThat(sweeps.sweep().deleted()).isZero();
            assertThat(packs()).hasSize(1);
            assertThat(sweeps.sweepAfter(DELAY_MS).deleted()).isEqualTo(1);
        }
    }

    @Test
    void whoIsDeposedWhileItLooksDeletesNothing() throws Exception {
        AtomicBoolean isOurs = new AtomicBoolean(true);
        AtomicBoolean deposes = new AtomicBoolean();
        try (TieredHarness harness = open(objects, TOPIC)) {
            LivePacks deposing = (partition, done) -> {
                isOurs.set(!deposes.get());
                harness.journal.livePacks(partition, done);
            };
            try (Sweeps sweeps = new Sweeps(harness, deposing, isOurs::get)) {
                stray(7);
                assertThat(sweeps.sweep().unreferenced()).isEqualTo(1);
                deposes.set(true);
                assertThat(sweeps.sweepAfter(2 * DELAY_MS)).isEqualTo(new Swept(true, 1, 1, 0, ""));
                assertThat(packs()).hasSize(1);
            }
        }
    }

    private TieredHarness open(ObjectStore store, Map<String, String> topic) throws Exception {
        return new TieredHarness(disk, store, manifests, topic, CONFIG);
    }

    private Set<PackName> packs() {
        return objects.names().stream()
                .filter(name -> name.startsWith(PackName.directory(PREFIX)))
                .map(name -> PackName.parse(PREFIX, name))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** A pack that nothing ever referred to. */
    private void stray(long sequence) throws Exception {
        objects.create(new PackName(9, 1, sequence).object(PREFIX), UUID.randomUUID(), List.of());
    }

    private static Set<PackName> live(TieredHarness harness) throws Exception {
        CompletableFuture<Set<PackName>> live = new CompletableFuture<>();
        harness.journal.livePacks(JournalHarness.ORDERS, live::complete);
        Set<PackName> packs = live.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(packs).isNotNull();
        return packs;
    }

    /** This node leads, and the other replica in sync never says that it has anything. */
    private static MetaImage withSilentFollower(int epoch) {
        return image(new PartitionImage(0, Images.NODE, epoch, epoch, List.of(1, 2), List.of(1, 2)), epoch);
    }

    private static MetaImage image(PartitionImage partition, long incarnation) {
        TopicImage topic = new TopicImage(JournalHarness.ORDERS_ID, "orders", List.of(partition), TOPIC);
        Map<Integer, NodeImage> nodes = Map.of(1, node(1, incarnation), 2, node(2, incarnation));
        return new MetaImage(
                2, "cluster", 1, Map.of("orders", topic), Map.of(JournalHarness.ORDERS_ID, topic), nodes, Map.of(), 0);
    }

    private static NodeImage node(int id, long incarnation) {
        return new NodeImage(id, incarnation, false, "", Map.of());
    }
}
