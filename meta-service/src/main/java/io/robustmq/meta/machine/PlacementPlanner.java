package io.robustmq.meta.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * Spreads partitions over nodes, pure: leaders go round, and each further round shifts the followers by one, so that the
 * load of a node that fails is taken over by all the others.
 */
final class PlacementPlanner {
    private PlacementPlanner() {}

    /**
     * Chooses the replicas of one partition, preferred leader first.
     *
     * @param nodes ids in a fixed order, at least {@code replication}
     * @param seed where the round begins; the same for all partitions of a topic
     */
    static List<Integer> replicas(List<Integer> nodes, long seed, int partition, int replication) {
        int count = nodes.size();
        int first = (int) Math.floorMod(seed + partition, (long) count);
        List<Integer> replicas = new ArrayList<>(replication);
        replicas.add(nodes.get(first));
        int shift = partition / count;
        for (int i = 1; i < replication; i++) {
            int distance = 1 + (shift + i - 1) % (count - 1);
            replicas.add(nodes.get((first + distance) % count));
        }
        return replicas;
    }
}
