package io.robustmq.meta.raft;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a node that has no log comes into its cluster. Pure.
 *
 * <p>A voter without its log must not vote: it has forgotten what it promised. So one that the cluster has known is first taken
 * out of it, follows like a new node, and votes again when it has everything. That there is no cluster it believes a majority
 * of the voters, itself not counted: were there one, at least one of these would know it, as this node may have been needed to commit what it has forgotten.
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

    /** Decides on what the voters of the configuration have told. */
    static Entry plan(RaftSettings settings, Looked looked) {
        int self = settings.nodeId();
        List<Found> found = looked.clusters();
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
        int voters = settings.voters().size();
        boolean none = looked.ignorant() >= Math.min(voters / 2 + 1, voters - 1);
        return new Entry(settings.isFounder() && none ? Way.FORM : Way.WAIT, null, settings.isFounder());
    }
}
