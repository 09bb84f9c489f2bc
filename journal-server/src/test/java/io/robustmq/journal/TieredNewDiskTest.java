package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierManifests;
import io.robustmq.journal.log.LogCut;
import io.robustmq.storage.memory.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The only replica's disk is a new one, or lost its end, and the object store has more: no offset is given twice. */
class TieredNewDiskTest {
    private static final int RECORDS = 70;
    private static final Map<String, String> KEPT_HERE =
            Map.of("remote.storage.enable", "true", "segment.bytes", "16384");

    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final SyncManifests manifests = new SyncManifests();
    private final MemoryStore first = new MemoryStore(64 << 20);
    private final MemoryStore second = new MemoryStore(64 << 20);

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    @Test
    void logGoesOnBehindWhatIsStored() throws Exception {
        int stored = store(TieredHarness.TOPIC);
        SyncManifests next = manifests.next();
        try (TieredHarness harness = new TieredHarness(second, objects, next, TieredHarness.TOPIC)) {
            ReplicatedJournals.until(() -> harness.state().logEndOffset() == stored);
            TieredJournalTest.fill(harness, stored, RECORDS);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, stored + RECORDS));
            harness.awaitStoredUpTo(stored + 50);
        }
        try (TieredHarness harness = new TieredHarness(second, objects, next.next(), TieredHarness.TOPIC)) {
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, stored + RECORDS));
        }
    }

    @Test
    void producersThatTheStoreKnowsAreKnown() throws Exception {
        try (TieredHarness harness = new TieredHarness(first, objects, manifests, TieredHarness.TOPIC)) {
            assertThat(harness.append(Batches.idempotent(7, 0, 0, "once")).error())
                    .isEqualTo(BrokerError.NONE);
            TieredJournalTest.fill(harness, 1, RECORDS);
            harness.awaitStoredUpTo(50);
        }
        try (TieredHarness harness = new TieredHarness(second, objects, manifests.next(), TieredHarness.TOPIC)) {
            ReplicatedJournals.until(() -> harness.state().logEndOffset() > 0);
            AppendResult again = harness.append(Batches.idempotent(7, 0, 0, "once"));
            assertThat(again.baseOffset()).isZero();
        }
    }

    @Test
    void nothingIsTakenBeforeItIsKnownWhatIsStored() throws Exception {
        int stored = store(TieredHarness.TOPIC);
        HeldManifests held = new HeldManifests(manifests.next());
        try (TieredHarness harness = new TieredHarness(second, objects, held, TieredHarness.TOPIC)) {
            assertThat(harness.append(Batches.of("early")).error()).isEqualTo(BrokerError.NOT_LEADER);
            objects.away(true);
            held.letGo();
            assertThat(harness.append(Batches.of("early")).error()).isEqualTo(BrokerError.NOT_LEADER);
            objects.away(false);
            ReplicatedJournals.until(() -> harness.state().logEndOffset() > 0);
            TieredJournalTest.fill(harness, stored, 5);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, stored + 5));
        }
    }

    @Test
    void newTopicTakesRecordsOnceTheManifestSaysThatItIsNew() throws Exception {
        HeldManifests held = new HeldManifests(manifests);
        try (TieredHarness harness = new TieredHarness(first, objects, held, TieredHarness.TOPIC)) {
            assertThat(harness.append(Batches.of("early")).error()).isEqualTo(BrokerError.NOT_LEADER);
            held.letGo();
            TieredJournalTest.fill(harness, 0, 3);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 3));
        }
    }

    @Test
    void logThatLostItsEndGoesOnBehindWhatIsStored() throws Exception {
        int stored = store(KEPT_HERE);
        new LogCut(first, JournalHarness.ORDERS.toString()).make(20, false);
        try (TieredHarness harness = new TieredHarness(first, objects, manifests.next(), KEPT_HERE)) {
            ReplicatedJournals.until(() -> harness.state().logEndOffset() == stored);
            TieredJournalTest.fill(harness, stored, 5);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, stored + 5));
        }
    }

    @Test
    void ofALogWithOtherRecordsNothingIsStoredAndNothingIsReadThatIsNotItsOwn() throws Exception {
        store(KEPT_HERE);
        SyncManifests next = manifests.next();
        try (TieredHarness harness = new TieredHarness(second, objects, next, Map.of())) {
            harness.show(Images.of(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Images.NODE, 1, Map.of())));
            others(harness);
            int before = objects.names().size();
            HeldManifests counted = new HeldManifests(next);
            counted.letGo();
            harness.tier.manifests(counted);
            harness.show(Images.of(2, Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Images.NODE, 1, KEPT_HERE)));
            ReplicatedJournals.until(() -> counted.answered > 0);
            assertThat(harness.append(Batches.of("more")).error()).isEqualTo(BrokerError.NONE);
            assertThat(harness.state().storedEndOffset()).isEqualTo(PartitionState.NOTHING_STORED);
            assertThat(harness.readFrom(0)).hasSize(RECORDS + 1).allMatch(record -> !record.contains("=value"));
            assertThat(objects.names()).hasSize(before);
        }
    }

    /** How much of {@link #RECORDS} records is in the store. */
    private int store(Map<String, String> topic) throws Exception {
        try (TieredHarness harness = new TieredHarness(first, objects, manifests, topic)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            ReplicatedJournals.until(() -> harness.state().storedEndOffset() >= 50);
        }
        return (int) manifests.known().get(manifests.known().size() - 1).endOffset();
    }

    private static void others(TieredHarness harness) throws Exception {
        List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            CompletableFuture<AppendResult> answer = new CompletableFuture<>();
            harness.journal.append(
                    JournalHarness.ORDERS,
                    Batches.of("other-" + i + "x".repeat(1_000)),
                    AppendOptions.DURABLE,
                    harness.loop(),
                    answer::complete);
            answers.add(answer);
        }
        for (CompletableFuture<AppendResult> answer : answers) {
            assertThat(answer.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS).error())
                    .isEqualTo(BrokerError.NONE);
        }
    }

    /** Manifests that do not answer before they are let go. */
    private static final class HeldManifests implements TierManifests {
        private final SyncManifests manifests;
        private final List<TierCommand.OfPartition> held = new ArrayList<>();
        private boolean letGo;
        private volatile int answered;

        HeldManifests(SyncManifests manifests) {
            this.manifests = manifests;
        }

        @Override
        public synchronized void submit(TierCommand.OfPartition command) {
            if (letGo) {
                manifests.submit(command);
                answered++;
            } else {
                held.add(command);
            }
        }

        synchronized void letGo() {
            letGo = true;
            held.forEach(manifests::submit);
        }
    }
}
