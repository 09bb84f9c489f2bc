package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.home.sweep.PackAudit;
import io.robustmq.journal.home.sweep.PackCensus;
import io.robustmq.journal.home.sweep.PackCheck;
import io.robustmq.journal.home.sweep.PackPeers;
import io.robustmq.journal.tier.TierAudit;
import io.robustmq.storage.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What operators are told of packs, of a journal with its real loops and threads. */
class HomeAuditTest {
    private static final Map<String, String> TOPIC = Map.of("storage", "s3");
    private static final Map<String, String> QUICK = Map.of("storage.linger.ms", "1", "storage.pack.bytes", "4096");
    private static final int RECORDS = 30;

    private final SyncManifests manifests = new SyncManifests();
    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final MemoryStore disk = new MemoryStore(64 << 20);

    @AfterEach
    void closeDisk() {
        disk.close();
    }

    @Test
    void aPartitionOfWhichAllIsThereHasNoFaults() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TOPIC, QUICK);
                PackAudit audit = audit(harness)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            int packs = packs().size();
            assertThat(packs).isPositive();
            assertThat(verify(audit, false)).isEqualTo(new PackCheck.Checked(packs, List.of()));
            assertThat(verify(audit, true)).isEqualTo(new PackCheck.Checked(packs, List.of()));
            PackAudit.Packs all = audit.all().get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(all.count()).isEqualTo(packs);
            assertThat(all.bytes()).isGreaterThan(RECORDS * 300L);
        }
    }

    @Test
    void whatIsMissingOrDamagedIsTold() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TOPIC, QUICK)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
        }
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests.next(), TOPIC, QUICK);
                PackAudit audit = audit(harness)) {
            List<String> packs = packs();
            objects.damage(packs.get(1));
            assertThat(verify(audit, false).faults()).isEmpty();
            assertThat(verify(audit, true).faults()).singleElement().asString().startsWith(packs.get(1));
            objects.delete(List.of(packs.get(0)));
            assertThat(verify(audit, false).faults()).containsExactly(packs.get(0) + " is not there");
            assertThat(verify(audit, true).faults()).hasSize(2);
        }
    }

    /** The list says nothing of what was appended to a stream that is open. */
    @Test
    void aStreamIsAsLongAsItIsWhateverTheListSays() throws Exception {
        KeptObjects withStreams = KeptObjects.withStreams(new Object(), point -> {});
        try (TieredHarness harness = new TieredHarness(disk, withStreams, manifests, TOPIC, QUICK);
                PackAudit audit = audit(harness)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            assertThat(verify(audit, false)).isEqualTo(new PackCheck.Checked(1, List.of()));
            assertThat(verify(audit, true)).isEqualTo(new PackCheck.Checked(1, List.of()));
            assertThat(audit.unreferenced()
                            .get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS)
                            .count())
                    .isZero();
            String stream = withStreams.names().iterator().next();
            withStreams.streams().cut(stream, 100);
            assertThat(verify(audit, false).faults()).singleElement().asString().contains("has 100 bytes instead of");
            withStreams.streams().delete(List.of(stream));
            assertThat(verify(audit, false).faults()).containsExactly(stream + " is not there");
        }
    }

    @Test
    void whatIsBeingStoredIsNotMissing() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        LateFirstObjects late = new LateFirstObjects(objects, new AtomicBoolean(true), go);
        try (TieredHarness harness = new TieredHarness(disk, late, manifests, TOPIC, QUICK);
                PackAudit audit = audit(harness)) {
            CompletableFuture<AppendResult> answer = new CompletableFuture<>();
            harness.journal.append(
                    JournalHarness.ORDERS, Batches.of("a"), AppendOptions.DURABLE, harness.loop(), answer::complete);
            assertThat(verify(audit, true).faults()).isEmpty();
            go.countDown();
            answer.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(verify(audit, true)).isEqualTo(new PackCheck.Checked(1, List.of()));
        }
    }

    @Test
    void unreferencedIsWhatTheSweeperWouldFind() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TOPIC, QUICK);
                PackAudit audit = audit(harness);
                TierAudit ofSegments = new TierAudit(
                        harness.tier, (partition, done) -> done.accept(harness.journal.state(partition)))) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            String stray = new PackName(9, 1, 7).object("cluster/");
            objects.create(stray, UUID.randomUUID(), List.of());
            assertThat(audit.unreferenced().get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(new PackAudit.Packs(1, 0, List.of(stray)));
            String unknown = "cluster/packs/unknown";
            objects.create(unknown, UUID.randomUUID(), List.of());
            assertThat(ofSegments
                            .unreferenced(audit::isPack)
                            .get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS)
                            .names())
                    .containsExactly(unknown);
        }
    }

    @Test
    void whereTheLeaderDoesNotAnswerNothingIsSaidToBeWhole() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TOPIC, QUICK);
                PackAudit audit = audit(harness)) {
            PartitionImage elsewhere = new PartitionImage(0, 2, 1, 1, List.of(1, 2), List.of(1, 2));
            harness.show(Images.of(new TopicImage(JournalHarness.ORDERS_ID, "orders", List.of(elsewhere), TOPIC)));
            assertThatThrownBy(() -> verify(audit, false)).hasMessageContaining("leads");
            assertThatThrownBy(() -> audit.unreferenced().get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS))
                    .hasMessageContaining("does not say");
        }
    }

    private static PackAudit audit(TieredHarness harness) {
        PackCensus census = new PackCensus(
                harness.tier,
                harness::image,
                Images.NODE,
                harness.home.life(),
                harness.journal::livePacks,
                PackPeers.NONE);
        return new PackAudit(
                census, new PackCheck(census, harness.journal::references, harness.home.reads()), PackPeers.NONE);
    }

    private static PackCheck.Checked verify(PackAudit audit, boolean reads) throws Exception {
        return audit.verify(JournalHarness.ORDERS, reads).get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private List<String> packs() {
        return objects.names().stream()
                .filter(name -> name.contains("/packs/"))
                .sorted()
                .toList();
    }
}
