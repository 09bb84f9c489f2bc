package io.robustmq.journal;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.tier.NodeTier;
import io.robustmq.journal.tier.StoredPlan;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** When a leader looks in the object store for what nothing refers to, and what it saw there the last time. Owned by the shard loop. */
final class OrphanSweep {
    private final Partition partition;
    private final NodeTier tier;
    private long dueAtMs;
    /** Also for a leader of before: one list at a time, however long it waits. */
    private boolean listing;

    private Set<String> suspects = Set.of();

    OrphanSweep(Partition partition, NodeTier tier) {
        this.partition = partition;
        this.tier = tier;
    }

    /** For another leader, or another term. */
    void begin() {
        soon();
        suspects = Set.of();
    }

    void soon() {
        dueAtMs = 0;
    }

    void notAfter(long ms) {
        dueAtMs = Math.min(dueAtMs, ms);
    }

    /** @param listed told in the loop what there is, when it is time to look; with null when the store does not say */
    void check(long nowMs, Loop loop, Consumer<@Nullable List<String>> listed) {
        if (nowMs < dueAtMs || listing) {
            return;
        }
        dueAtMs = nowMs + tier.config().sweepIntervalMs();
        listing = true;
        tier.list(
                partition,
                names -> loop.execute(() -> {
                    listing = false;
                    listed.accept(names);
                }));
    }

    /** See {@link StoredPlan#orphans}. */
    List<String> orphans(List<String> names, List<TierSegment> stored, String storing, long term, long logStart) {
        StoredPlan.Orphans found = StoredPlan.orphans(names, stored, storing, term, logStart, suspects);
        suspects = found.suspects();
        return found.names();
    }
}
