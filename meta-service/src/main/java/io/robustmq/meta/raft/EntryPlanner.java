package io.robustmq.meta.raft;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a node that has no log comes into its cluster. Pure.
 *
 * <p>A voter without its log must not vote: it has forgotten what it promised. So one that the cluster has known is first taken
 * out of it, follows like a new node, and votes again when it has everything.
 */
final class EntryPlanner {
    private EntryPlanner() {}

    /** What to do. */
    enum Way {
        /** Be one of those that form it. */
        FORM,
        /** Follow it. */
        FOLLOW,
        /** Be taken out of it, as nothing is left of what this node had, and follow it again. */
        REPLACE,
        /** There is none yet that this node could follow. */
        WAIT
    }

    /**
     * A way, and the cluster that it leads to.
     *
     * @param found null where none was
     * @param votes whether the node votes in the end
     */
    record Entry(Way way, @Nullable Found found, boolean votes) {}

    /** Decides on clusters that have formed, as the voters of the configuration told of them. */
    static Entry plan(RaftSettings settings, List<Found> found) {
        int self = settings.nodeId();
        Optional<Found> with =
                found.stream().filter(each -> each.quorum().contains(self)).findFirst();
        if (with.isPresent()) {
            Found cluster = with.get();
            boolean votes = cluster.quorum().voters().containsKey(self);
            return votes && settings.isFounder() && !cluster.registered().contains(self)
                    ? new Entry(Way.FORM, null, true)
                    : new Entry(Way.REPLACE, cluster, votes);
        }
        if (!found.isEmpty()) {
            return new Entry(Way.FOLLOW, found.get(0), false);
        }
        return new Entry(settings.isFounder() ? Way.FORM : Way.WAIT, null, settings.isFounder());
    }
}
