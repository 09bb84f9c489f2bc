package io.robustmq.journal;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a partition's image that a shard acts on.
 *
 * @param inSyncReplicas counts this node
 * @param sharing null for a partition with one replica
 */
record Standing(
        boolean leader,
        int epoch,
        int inSyncReplicas,
        @Nullable Sharing sharing) {
    Standing(boolean leader, int epoch, int inSyncReplicas) {
        this(leader, epoch, inSyncReplicas, null);
    }

    /**
     * With whom.
     *
     * @param leaderNode -1 when nobody leads, or this node may not take part yet
     * @param alive those of the replicas' nodes that are, and in which life
     */
    record Sharing(
            int leaderNode,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> inSync,
            Map<Integer, Long> alive) {}
}
