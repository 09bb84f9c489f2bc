package io.robustmq.meta.machine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Spreads partitions over nodes, pure: leaders go round, and each further round shifts the followers by one, so that the
 * load of a node that fails is taken over by all the others. The replicas of a partition are spread over racks as evenly as
 * there are racks; nodes without one are in a rack of their own together.
 */
final class PlacementPlanner {
    private final Map<Integer, String> racks;

    /** @param racks of all nodes that are asked about */
    PlacementPlanner(Map<Integer, String> racks) {
        this.racks = racks;
    }

    /**
     * Chooses the replicas of one partition, preferred leader first.
     *
     * @param nodes ids as {@link #alternating} orders them, at least {@code replication}
     * @param seed where the round begins; the same for all partitions of a topic
     */
    List<Integer> replicas(List<Integer> nodes, long seed, int partition, int replication) {
        int count = nodes.size();
        int first = (int) Math.floorMod(seed + partition, (long) count);
        int shift = partition / count;
        List<Integer> candidates = new ArrayList<>(count - 1);
        for (int i = 1; i < count; i++) {
            int distance = 1 + (shift + i - 1) % (count - 1);
            candidates.add(nodes.get((first + distance) % count));
        }
        return filled(List.of(nodes.get(first)), candidates, replication);
    }

    /** Adds candidates, earlier ones first, but none in a rack while there is one in a rack with fewer replicas. */
    List<Integer> filled(List<Integer> replicas, List<Integer> candidates, int replication) {
        List<Integer> chosen = new ArrayList<>(replicas);
        List<Integer> left = new ArrayList<>(candidates);
        Map<String, Integer> used = new HashMap<>();
        chosen.forEach(node -> used.merge(rack(node), 1, Integer::sum));
        while (chosen.size() < replication) {
            int best = left.get(0);
            for (int node : left) {
                if (used.getOrDefault(rack(node), 0) < used.getOrDefault(rack(best), 0)) {
                    best = node;
                }
            }
            left.remove((Integer) best);
            chosen.add(best);
            used.merge(rack(best), 1, Integer::sum);
        }
        return chosen;
    }

    /** The nodes in the order of their ids, but one of each rack after the other. */
    List<Integer> alternating(List<Integer> nodes) {
        Map<String, Deque<Integer>> byRack = new TreeMap<>();
        nodes.stream().sorted().forEach(node -> byRack.computeIfAbsent(rack(node), name -> new ArrayDeque<>())
                .add(node));
        List<Integer> order = new ArrayList<>(nodes.size());
        while (order.size() < nodes.size()) {
            for (Deque<Integer> left : byRack.values()) {
                if (!left.isEmpty()) {
                    order.add(left.poll());
                }
            }
        }
        return order;
    }

    private String rack(int node) {
        return racks.getOrDefault(node, "");
    }
}
