package io.robustmq.journal;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a partition's image that a shard acts on.
 *
 * @param inSyncReplicas counts this node
 * @param minInSync how many must be in sync for anything to be committed
 * @param sharing null for a partition with one replica
 */
record Standing(
        boolean leader,
        int epoch,
        int inSyncReplicas,
        int minInSync,
        @Nullable Sharing sharing) {
    private static final int NOBODY = -1;

    Standing(boolean leader, int epoch, int inSyncReplicas, int minInSync) {
        this(leader, epoch, inSyncReplicas, minInSync, null);
    }

    /** The same of a node that may not lead yet. */
    Standing heldBack() {
        Sharing with = sharing == null
                ? null
                : new Sharing(
                        NOBODY,
                        sharing.partitionEpoch,
                        sharing.replicas,
                        sharing.inSync,
                        sharing.adding,
                        sharing.alive);
        return new Standing(false, epoch, inSyncReplicas, minInSync, with);
    }

    /**
     * With whom.
     *
     * @param leaderNode -1 when nobody leads, or this node may not take part yet
     * @param adding of the replicas, those that a move adds
     * @param alive those of the replicas' nodes that are, and in which life
     */
    record Sharing(
            int leaderNode,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> inSync,
            List<Integer> adding,
            Map<Integer, Long> alive) {}
}
