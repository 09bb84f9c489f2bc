package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierManifests;
import io.robustmq.storage.memory.MemoryStore;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** While an object store takes its time to say what it has. */
class TieredListsTest {
    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final HeldLists held = new HeldLists(objects);
    private final SyncManifests manifests = new SyncManifests();

    @Test
    void whatIsRetiredIsDeletedWhileListsWait() throws Exception {
        try (MemoryStore disk = new MemoryStore(64 << 20);
                TieredHarness harness = new TieredHarness(disk, held, manifests, TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            TieredJournalTest.fill(harness, 0, 50);
            harness.awaitStoredUpTo(40);
            int before = objects.names().size();
            assertThat(harness.deleteRecords(40).baseOffset()).isEqualTo(40);
            ReplicatedJournals.until(() -> {
                manifests.tick();
                return objects.names().size() < before;
            });
            held.go.countDown();
        }
    }

    @Test
    void aLeaderThatLooksWhetherItIsTheFirstLooksOnce() throws Exception {
        Queue<TierCommand> commands = new ConcurrentLinkedQueue<>();
        TierManifests watched = command -> {
            commands.add(command);
            manifests.submit(command);
        };
        held.holdFirst();
        try (MemoryStore disk = new MemoryStore(64 << 20);
                TieredHarness harness = new TieredHarness(disk, held, watched, TieredHarness.TOPIC)) {
            ReplicatedJournals.until(() -> held.lists.get() == 1);
            TieredJournalTest.fill(harness, 0, 50);
            // The same loop has looked at the partition every 10 ms.
            CompletableFuture<Void> looked = new CompletableFuture<>();
            var unused = harness.loop().schedule(60, () -> looked.complete(null));
            looked.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            held.go.countDown();
            harness.awaitStoredUpTo(40);
            // One before it leads an empty log, and one before it leads in the manifest.
            assertThat(commands.stream().filter(TierCommand.Describe.class::isInstance))
                    .hasSize(2);
            assertThat(commands.stream().filter(TierCommand.Lead.class::isInstance))
                    .hasSize(1);
        }
    }

    @Test
    void aPartitionIsListedOnceHoweverOftenItIsToBe() throws Exception {
        try (MemoryStore disk = new MemoryStore(64 << 20);
                TieredHarness harness = new TieredHarness(disk, held, manifests, TieredHarness.TOPIC)) {
            ReplicatedJournals.until(() -> held.lists.get() == 2);
            for (int i = 0; i < 5; i++) {
                harness.journal.sweepTier();
                // It is looked at when something of it was stored.
                TieredJournalTest.fill(harness, 20 * i, 20);
                harness.awaitStoredUpTo(20 * i + 1);
            }
            held.go.countDown();
            CompletableFuture<Integer> behind = new CompletableFuture<>();
            harness.tier.list(new Partition(new TopicId(9, 9), 0), names -> behind.complete(held.lists.get()));
            // The first, the one that waited, at most one anew, and this one.
            assertThat(behind.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS)).isLessThanOrEqualTo(4);
        }
    }
}
