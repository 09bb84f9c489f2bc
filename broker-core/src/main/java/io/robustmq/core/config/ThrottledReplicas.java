package io.robustmq.core.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Replicas of a topic that are copied no faster than the node's rate (KIP-73): all of them, or those listed as {@code
 * partition:node}. Immutable.
 */
public record ThrottledReplicas(boolean all, Set<Replica> listed) {
    private static final String ALL = "*";

    /** A partition's replica on a node. */
    public record Replica(int partition, int node) {}

    public ThrottledReplicas {
        listed = Set.copyOf(listed);
    }

    /** Throws IllegalArgumentException with a sentence that names the key for what is no such list. */
    static ThrottledReplicas of(ConfigKey<List<String>> key, List<String> items) {
        if (items.equals(List.of(ALL))) {
            return new ThrottledReplicas(true, Set.of());
        }
        Set<Replica> listed = new HashSet<>();
        for (String item : items) {
            if (!item.matches("[0-9]{1,9}:[0-9]{1,9}")) {
                throw new IllegalArgumentException(
                        key.name() + "=" + item + ": must be * or a list of replicas, partition:node,partition:node");
            }
            int colon = item.indexOf(':');
            listed.add(new Replica(
                    Integer.parseInt(item.substring(0, colon)), Integer.parseInt(item.substring(colon + 1))));
        }
        return new ThrottledReplicas(false, listed);
    }

    public boolean has(int partition, int node) {
        return all || (!listed.isEmpty() && listed.contains(new Replica(partition, node)));
    }
}
