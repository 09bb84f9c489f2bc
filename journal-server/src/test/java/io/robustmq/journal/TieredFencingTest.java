package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierRequester;
import io.robustmq.storage.memory.MemoryStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A leader whose place another one has taken, while its segment was on the way into the store. */
class TieredFencingTest {
    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final SyncManifests manifests = new SyncManifests();
    private final List<TierCommand.OfPartition> held = new CopyOnWriteArrayList<>();

    @Test
    void leaderThatWasDeposedCommitsNothingAndDeletesNothing() throws Exception {
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, this::submitOrHold, TieredHarness.TOPIC)) {
            TieredJournalTest.fill(harness, 0, 100);
            ReplicatedJournals.until(() -> !held.isEmpty());
            assertThat(lead(1)).isEqualTo(new TierManifest(2, List.of()));
            held.forEach(manifests::submit);
            // It asks for the manifest anew, and is refused, which says that the answer to the commit has been taken.
            ReplicatedJournals.until(() -> asked >= 2);
            assertThat(manifests.known()).isEmpty();
            assertThat(harness.state().localStartOffset()).isZero();
            assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 100));
            assertThat(objects.names()).hasSize(2);
        }
    }

    private volatile int asked;

    private synchronized void submitOrHold(TierCommand.OfPartition command) {
        if (command instanceof TierCommand.Commit) {
            held.add(command);
            return;
        }
        manifests.submit(command);
        asked++;
    }

    private TierManifest lead(int epoch) throws Exception {
        CompletableFuture<TierManifest> answer = new CompletableFuture<>();
        manifests.submit(new TierCommand.Lead(
                new TierRequester() {
                    @Override
                    public void answer(TierManifest manifest) {
                        answer.complete(manifest);
                    }

                    @Override
                    public void refuse(BrokerError error) {
                        answer.completeExceptionally(new AssertionError(error));
                    }
                },
                JournalHarness.ORDERS,
                epoch,
                1));
        return answer.get(10, TimeUnit.SECONDS);
    }
}
