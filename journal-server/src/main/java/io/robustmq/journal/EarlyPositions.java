package io.robustmq.journal;

import io.robustmq.journal.shard.FetchPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where followers said that they stand before this node knew that it leads: they may hear of a new leader sooner than the leader does,
 * and say it once. The newest of each node. Owned by the shard loop.
 */
final class EarlyPositions {
    private final Map<Integer, Told> byNode = new HashMap<>();

    /** @param incarnation of the node */
    record Told(int node, long incarnation, FetchPosition position) {}

    void keep(Told told) {
        byNode.put(told.node, told);
    }

    /** What was told for the epoch, once; what was told for earlier ones is forgotten. */
    List<Told> take(int epoch) {
        List<Told> taken = new ArrayList<>();
        byNode.values().removeIf(told -> {
            if (told.position.leaderEpoch() == epoch) {
                taken.add(told);
            }
            return told.position.leaderEpoch() <= epoch;
        });
        return taken;
    }
}
