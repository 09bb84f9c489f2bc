package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.storage.memory.MemoryStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A partition that was stored, and is not to be any more (KIP-950). */
class TieredDisableTest {
    private static final int RECORDS = 100;
    private static final Map<String, String> COPIES_NO_MORE =
            Map.of("remote.storage.enable", "true", "segment.bytes", "16384", "remote.log.copy.disable", "true");
    private static final Map<String, String> TAKEN_BACK =
            Map.of("segment.bytes", "16384", "remote.log.delete.on.disable", "true");

    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final SyncManifests manifests = new SyncManifests();
    private final MemoryStore disk = new MemoryStore(64 << 20);

    @Test
    void withoutCopiesWhatIsStoredIsReadAndWhatIsNotStaysHere() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            harness.settings(2, COPIES_NO_MORE);
            List<TierSegment> stored = manifests.known();
            TieredJournalTest.fill(harness, RECORDS, RECORDS);
            // What is retired was seen by a check, which would have stored something, too.
            for (int i = 0; i < 2; i++) {
                long end = stored.get(i).endOffset();
                assertThat(harness.deleteRecords(end).error()).isEqualTo(BrokerError.NONE);
                ReplicatedJournals.until(() -> {
                    manifests.tick();
                    return manifests.known().get(0).baseOffset() == end;
                });
            }
            assertThat(manifests.known()).isEqualTo(stored.subList(2, stored.size()));
            int start = (int) harness.state().logStartOffset();
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected(start, 2 * RECORDS));
        }
        SyncManifests next = manifests.next();
        try (TieredHarness harness = new TieredHarness(disk, objects, next, COPIES_NO_MORE)) {
            int start = (int) harness.state().logStartOffset();
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected(start, 2 * RECORDS));
            harness.settings(2, TieredHarness.TOPIC);
            harness.awaitStoredUpTo(180);
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected(start, 2 * RECORDS));
        }
    }

    @Test
    void withoutCopiesRetentionTakesWhatIsStoredAndThenWhatIsHereAndCopiesMayGoOn() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            Map<String, String> small = new HashMap<>(COPIES_NO_MORE);
            small.put("retention.bytes", "50000");
            harness.settings(2, small);
            TieredJournalTest.fill(harness, RECORDS, RECORDS);
            ReplicatedJournals.until(() -> {
                manifests.tick();
                // The last step: what is left has 50,000 bytes, and would not without its first segment.
                return harness.state().logStartOffset() >= 150
                        && objects.names().isEmpty();
            });
            long start = harness.state().logStartOffset();
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected((int) start, 2 * RECORDS));
            harness.settings(3, TieredHarness.TOPIC);
            TieredJournalTest.fill(harness, 2 * RECORDS, RECORDS);
            harness.awaitStoredUpTo(280);
            assertThat(harness.state().logStartOffset()).isEqualTo(start);
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected((int) start, 3 * RECORDS));
        }
    }

    @Test
    void takenBackTheLogBeginsWithWhatIsHereAndNothingIsLeftInTheStore() throws Exception {
        long local;
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            local = harness.state().localStartOffset();
            takeBack(harness, manifests);
            ReplicatedJournals.until(
                    () -> harness.state().logStartOffset() == harness.state().localStartOffset());
            assertThat(harness.state().logStartOffset()).isGreaterThanOrEqualTo(local);
            assertThat(harness.state().storedEndOffset()).isEqualTo(-1);
            assertThat(harness.journal
                            .read(JournalHarness.ORDERS, 0, 1000, true, Isolation.READ_COMMITTED)
                            .error())
                    .isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
            TieredJournalTest.fill(harness, RECORDS, 50);
            local = harness.state().logStartOffset();
        }
        assertThat(objects.names()).isEmpty();
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests.next(), TAKEN_BACK)) {
            assertThat(harness.state().logStartOffset()).isEqualTo(local);
            assertThat(harness.readFrom(local)).isEqualTo(TieredJournalTest.expected((int) local, RECORDS + 50));
        }
    }

    @Test
    void whatWasTakenBackMayBeStoredAgain() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            takeBack(harness, manifests);
            harness.settings(3, TieredHarness.TOPIC);
            TieredJournalTest.fill(harness, RECORDS, RECORDS);
            harness.awaitStoredUpTo(180);
            long start = harness.state().logStartOffset();
            assertThat(start).isGreaterThanOrEqualTo(80);
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected((int) start, 2 * RECORDS));
            assertThat(manifests.known())
                    .allSatisfy(segment -> assertThat(segment.baseOffset()).isGreaterThanOrEqualTo(80));
        }
    }

    /** Both changes come between two looks of the leader, which then goes on behind what is gone. */
    @Test
    void takenBackAndStoredAgainBeforeItsLeaderLooked() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            emptied(manifests, Images.of(2, Images.topic(JournalHarness.ORDERS_ID, "orders", 1, TAKEN_BACK)));
            harness.settings(3, TieredHarness.TOPIC);
            TieredJournalTest.fill(harness, RECORDS, RECORDS);
            harness.awaitStoredUpTo(180);
            ReplicatedJournals.until(() -> harness.state().logStartOffset() >= 80);
            long start = harness.state().logStartOffset();
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected((int) start, 2 * RECORDS));
        }
    }

    /** Nothing is appended, so that nothing is refused to the leader that would tell it. */
    @Test
    void takenBackAndStoredAgainBetweenTwoLooksOfALeaderThatHasNothingToStore() throws Exception {
        Map<String, String> seldom = Map.of("remote.storage.check.ms", "300");
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC, seldom)) {
            manifests.deletesIn(harness.tier);
            TieredJournalTest.fill(harness, 0, 40);
            harness.awaitStoredUpTo(30);
            emptied(manifests, Images.of(2, Images.topic(JournalHarness.ORDERS_ID, "orders", 1, TAKEN_BACK)));
            harness.settings(2, TAKEN_BACK);
            harness.settings(3, TieredHarness.TOPIC);
            ReplicatedJournals.until(() -> harness.state().logStartOffset() >= 30);
            int start = (int) harness.state().logStartOffset();
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected(start, 40));
        }
    }

    /** The log begins with what is here also where the node ends before it said so. */
    @Test
    void takenBackWhileNobodyWasHere() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
        }
        Map<String, String> compacts = new HashMap<>(TAKEN_BACK);
        compacts.put("cleanup.policy", "compact");
        SyncManifests next = manifests.next();
        try (TieredHarness harness = new TieredHarness(disk, objects, next, compacts)) {
            next.hear(harness.image());
            ReplicatedJournals.until(() -> harness.state().logStartOffset() >= 80);
            long start = harness.state().logStartOffset();
            assertThat(harness.readFrom(start)).isEqualTo(TieredJournalTest.expected((int) start, RECORDS));
        }
    }

    /** A node begins with an image that it has, and learns only then that the topic is stored since. */
    @Test
    void imageThatIsOlderThanWhatIsStoredTakesNothingBack() throws Exception {
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            TieredJournalTest.fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
        }
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests.next(), TAKEN_BACK)) {
            TieredJournalTest.fill(harness, RECORDS, RECORDS);
            harness.settings(2, TieredHarness.TOPIC);
            harness.awaitStoredUpTo(180);
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 2 * RECORDS));
        }
    }

    private void takeBack(TieredHarness harness, SyncManifests manifest) {
        harness.settings(2, TAKEN_BACK);
        emptied(manifest, harness.image());
    }

    private void emptied(SyncManifests manifest, MetaImage image) {
        manifest.hear(image);
        ReplicatedJournals.until(() -> {
            manifest.tick();
            return objects.names().isEmpty();
        });
    }
}
