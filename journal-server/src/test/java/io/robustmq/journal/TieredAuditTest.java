package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.PartitionState;
import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.tier.TierAudit;
import io.robustmq.storage.memory.MemoryStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What operators are told of stored segments, of a journal with its real loops and threads. */
class TieredAuditTest {
    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final SyncManifests manifests = new SyncManifests();
    private final MemoryStore disk = new MemoryStore(64 << 20);

    @AfterEach
    void closeDisk() {
        disk.close();
    }

    @Test
    void whatTheManifestLacksOfTheLogIsAFault() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC);
                TierAudit audit = new TierAudit(
                        harness.tier, (partition, done) -> done.accept(harness.journal.state(partition)))) {
            TieredJournalTest.fill(harness, 0, 100);
            harness.awaitStoredUpTo(80);
            assertThat(faults(audit)).isEmpty();
            List<TierSegment> known = manifests.known();
            long local = harness.state().localStartOffset();
            long first = known.get(1).baseOffset();
            long last = known.get(0).endOffset();
            describe(harness, known.subList(1, known.size()));
            assertThat(faults(audit)).containsExactly("nothing is stored from offset 0 to " + first);
            describe(harness, known.subList(0, 1));
            assertThat(faults(audit)).containsExactly("nothing is stored from offset " + last + " to " + local);
            describe(harness, List.of());
            assertThat(faults(audit)).containsExactly("nothing is stored from offset 0 to " + local);
        }
    }

    @Test
    void whatRetentionTakesMeanwhileIsNoFault() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            TieredJournalTest.fill(harness, 0, 100);
            harness.awaitStoredUpTo(80);
            List<TierSegment> known = manifests.known();
            long second = known.get(1).baseOffset();
            PartitionState now = harness.state();
            // Of segments that went to the store between, the manifest that was asked before says nothing.
            PartitionState before = state(0, known.get(2).endOffset());
            PartitionState after = state(second, now.localStartOffset());
            describe(harness, known.subList(1, 3));
            try (TierAudit audit = new TierAudit(
                    harness.tier, (partition, done) -> done.accept(asked.getAndIncrement() == 0 ? before : after))) {
                assertThat(faults(audit)).isEmpty();
            }
        }
    }

    @Test
    void whereNoLeaderSaysWhatItHasNothingIsSaidToBeWhole() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC);
                TierAudit audit = new TierAudit(harness.tier, (partition, done) -> done.accept(null))) {
            assertThat(faults(audit)).singleElement().asString().startsWith("no leader says");
        }
    }

    private static PartitionState state(long start, long local) {
        return new PartitionState(true, 0, start, 100, 100, 100, 0, local, local);
    }

    private void describe(TieredHarness harness, List<TierSegment> segments) {
        harness.tier.manifests(command -> {
            if (command instanceof Describe describe) {
                describe.requester().answer(new TierManifest(1, segments));
            } else {
                manifests.submit(command);
            }
        });
    }

    private static List<String> faults(TierAudit audit) throws Exception {
        return audit.verify(JournalHarness.ORDERS, false)
                .get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS)
                .faults();
    }
}
