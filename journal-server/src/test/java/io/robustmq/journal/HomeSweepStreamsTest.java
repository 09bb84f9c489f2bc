package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.home.sweep.LivePacks;
import io.robustmq.journal.home.sweep.PackSweeper.Swept;
import io.robustmq.storage.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which streams of packs go, and which never do: into one that is open the next pack may come. */
class HomeSweepStreamsTest {
    private static final long DELAY_MS = 60_000;
    private static final long STREAM_MS = 600_000;
    private static final Map<String, String> TOPIC = Map.of("storage", "s3");
    private static final String PREFIX = "cluster/";

    private final SyncManifests manifests = new SyncManifests();
    private final KeptObjects objects = KeptObjects.withStreams(new Object(), point -> {});
    private final KeptStreams streams = streams(objects);
    private final MemoryStore disk = new MemoryStore(64 << 20);

    @AfterEach
    void closeDisk() {
        disk.close();
    }

    /** As long as it is open, that nothing refers to it says nothing of the pack that comes in the next moment. */
    @Test
    void whatComesIntoAStreamWhileTheLeadersAreAskedThatNothingReferredToForLongIsKept() throws Exception {
        AtomicBoolean appends = new AtomicBoolean();
        try (TieredHarness harness = open(Map.of("storage.rewrite.ms", "100"))) {
            LivePacks late = (partition, done) -> harness.journal.livePacks(partition, packs -> {
                if (appends.getAndSet(false)) {
                    harness.journal.append(
                            partition,
                            Batches.at(Batches.TIME, TieredJournalTest.value(10)),
                            AppendOptions.DURABLE,
                            harness.loop(),
                            answer -> done.accept(packs));
                } else {
                    done.accept(packs);
                }
            });
            try (Sweeps sweeps = new Sweeps(harness, late, () -> true)) {
                TieredJournalTest.fill(harness, 0, 10);
                harness.awaitStoredUpTo(10);
                assertThat(streams.names()).hasSize(1);
                assertThat(sweeps.sweep()).isEqualTo(new Swept(true, 1, 0, 0, ""));
                appends.set(true);
                assertThat(sweeps.sweepAfter(DELAY_MS)).isEqualTo(new Swept(true, 1, 0, 0, ""));
                assertThat(streams.sealedNames()).as("from now on").isEqualTo(streams.names());
                assertThat(harness.append(Batches.at(Batches.TIME, TieredJournalTest.value(11)))
                                .error())
                        .isEqualTo(BrokerError.NONE);
                assertThat(streams.names()).hasSize(2);
            }
        }
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests.next(), TOPIC, config(Map.of()))) {
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 12));
        }
    }

    @Test
    void aStreamThatNothingRefersToIsSealedAfterTheDelayAndGoesAfterAnother() throws Exception {
        try (TieredHarness harness = open(Map.of("storage.rewrite.ms", "100"));
                Sweeps sweeps = new Sweeps(harness)) {
            TieredJournalTest.fill(harness, 0, 10);
            harness.awaitStoredUpTo(10);
            assertThat(sweeps.sweep().unreferenced()).isZero();
            assertThat(sweeps.sweepAfter(DELAY_MS - 1).unreferenced()).isZero();
            assertThat(streams.sealedNames()).isEmpty();
            assertThat(sweeps.sweepAfter(1).unreferenced()).isZero();
            assertThat(streams.sealedNames()).hasSize(1);
            assertThat(sweeps.sweep()).isEqualTo(new Swept(true, 1, 1, 0, ""));
            assertThat(sweeps.sweepAfter(DELAY_MS - 1).deleted()).isZero();
            assertThat(sweeps.sweepAfter(1).deleted()).isEqualTo(1);
            assertThat(streams.names()).isEmpty();
            TieredJournalTest.fill(harness, 10, 10);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 20));
        }
    }

    @Test
    void whatIsReferredToStaysAndIsNotSealedBeforeItsTime() throws Exception {
        try (TieredHarness harness = open(Map.of());
                Sweeps sweeps = new Sweeps(harness)) {
            TieredJournalTest.fill(harness, 0, 10);
            assertThat(sweeps.sweep()).isEqualTo(new Swept(true, 1, 0, 0, ""));
            assertThat(sweeps.sweepAfter(2 * STREAM_MS).unreferenced()).isZero();
            assertThat(streams.sealedNames()).isEmpty();
            assertThat(sweeps.sweepAfter(DELAY_MS).unreferenced()).isZero();
            assertThat(streams.sealedNames()).hasSize(1);
            assertThat(sweeps.registry
                            .get("robustmq.home.streams.sealed")
                            .counter()
                            .count())
                    .isEqualTo(1.0);
            TieredJournalTest.fill(harness, 10, 10);
            assertThat(streams.names()).hasSize(2);
            assertThat(sweeps.sweepAfter(2 * DELAY_MS)).isEqualTo(new Swept(true, 2, 0, 0, ""));
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 20));
        }
    }

    @Test
    void streamsOfProcessesThatAreGoneAreSealedAtOnce() throws Exception {
        try (TieredHarness harness = open(Map.of());
                Sweeps sweeps = new Sweeps(harness)) {
            TieredJournalTest.fill(harness, 0, 3);
            Set<String> own = streams.names();
            harness.show(withNodes());
            String earlier = left(new PackName(Images.NODE, 77, 0));
            String dead = left(new PackName(2, 1, 0));
            String unknown = left(new PackName(9, 1, 0));
            String alive = left(new PackName(3, 1, 0));
            assertThat(sweeps.sweep()).isEqualTo(new Swept(true, 5, 0, 0, ""));
            assertThat(streams.sealedNames()).containsExactlyInAnyOrder(earlier, dead, unknown);
            assertThat(sweeps.sweepAfter(DELAY_MS).unreferenced()).isEqualTo(3);
            assertThat(streams.sealedNames()).contains(alive);
            assertThat(sweeps.sweepAfter(DELAY_MS).deleted()).isEqualTo(3);
            assertThat(sweeps.sweepAfter(DELAY_MS).deleted()).isEqualTo(1);
            assertThat(streams.names()).isEqualTo(own);
        }
    }

    @Test
    void aWriterWhoseStreamWasSealedGoesOnInAnother() throws Exception {
        try (TieredHarness harness = open(Map.of())) {
            for (int i = 0; i < 5; i++) {
                TieredJournalTest.fill(harness, 3 * i, 3);
                for (String name : streams.names()) {
                    assertThat(streams.seal(name)).isPositive();
                }
            }
            assertThat(streams.names()).hasSize(5);
        }
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests.next(), TOPIC, config(Map.of()))) {
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 15));
        }
    }

    @Test
    void streamsEndWhenTheyAreLargeOrOldAlsoIdleOnesAndWithTheNode() throws Exception {
        try (TieredHarness harness = open(Map.of("storage.stream.bytes", "4096"))) {
            TieredJournalTest.fill(harness, 0, 30);
            assertThat(streams.names()).hasSizeGreaterThan(2);
            ReplicatedJournals.until(
                    () -> streams.sealedNames().size() >= streams.names().size() - 1);
        }
        assertThat(streams.sealedNames()).as("with the node").isEqualTo(streams.names());
        try (TieredHarness harness =
                new TieredHarness(disk, objects, manifests.next(), TOPIC, config(Map.of("storage.stream.ms", "100")))) {
            TieredJournalTest.fill(harness, 30, 3);
            ReplicatedJournals.until(() -> streams.sealedNames().equals(streams.names()));
            TieredJournalTest.fill(harness, 33, 3);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 36));
        }
    }

    /** While somebody seals whatever is open, again and again. */
    @Test
    void whateverIsSealedIsNeededAtEveryMomentOfAnAppend() throws Exception {
        try (TieredHarness harness = open(Map.of())) {
            CompletableFuture<Void> appends = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 500; i++) {
                    try {
                        BrokerError error =
                                harness.append(Batches.of("value" + i)).error();
                        // In the stream that is there and in the next one: both may be sealed under it.
                        assertThat(error).isIn(BrokerError.NONE, BrokerError.STORAGE_ERROR);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }
            });
            int seals = 0;
            while (!appends.isDone()) {
                for (String name : streams.names()) {
                    seals += streams.isSealed(name) ? 0 : 1;
                    long unused = streams.seal(name);
                }
                Set<PackName> sealed = streams.sealedNames().stream()
                        .map(name -> PackName.parse(PREFIX, name))
                        .collect(Collectors.toCollection(HashSet::new));
                sealed.removeAll(live(harness));
                assertThat(sealed).isEmpty();
            }
            appends.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(seals).isPositive();
        }
    }

    private TieredHarness open(Map<String, String> config) throws Exception {
        return new TieredHarness(disk, objects, manifests, TOPIC, config(config));
    }

    private static Map<String, String> config(Map<String, String> more) {
        Map<String, String> config = new HashMap<>(Map.of(
                "storage.linger.ms",
                "1",
                "storage.pack.bytes",
                "4096",
                "storage.stream.ms",
                Long.toString(STREAM_MS),
                "remote.storage.delete.delay.ms",
                Long.toString(DELAY_MS)));
        config.putAll(more);
        return config;
    }

    private static KeptStreams streams(KeptObjects objects) {
        KeptStreams streams = objects.streams();
        assertThat(streams).isNotNull();
        return streams;
    }

    /** A stream that its writer, whoever that was, has not closed. */
    private String left(PackName stream) throws Exception {
        String name = stream.object(PREFIX);
        ObjectStream unused = streams.open(name);
        assertThat(unused.append(List.of(ByteBuffer.wrap(new byte[10])))).isZero();
        return name;
    }

    private static Set<PackName> live(TieredHarness harness) throws Exception {
        CompletableFuture<Set<PackName>> live = new CompletableFuture<>();
        harness.journal.livePacks(JournalHarness.ORDERS, live::complete);
        Set<PackName> packs = live.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(packs).isNotNull();
        return packs;
    }

    /** Node 2 is fenced, node 3 is well. */
    private static MetaImage withNodes() {
        PartitionImage partition = new PartitionImage(0, Images.NODE, 0, 0, List.of(1), List.of(1));
        TopicImage topic = new TopicImage(JournalHarness.ORDERS_ID, "orders", List.of(partition), TOPIC);
        Map<Integer, NodeImage> nodes = Map.of(1, node(1, false), 2, node(2, true), 3, node(3, false));
        return new MetaImage(
                2, "cluster", 1, Map.of("orders", topic), Map.of(JournalHarness.ORDERS_ID, topic), nodes, Map.of(), 0);
    }

    private static NodeImage node(int id, boolean fenced) {
        return new NodeImage(id, 1, fenced, "", Map.of());
    }
}
