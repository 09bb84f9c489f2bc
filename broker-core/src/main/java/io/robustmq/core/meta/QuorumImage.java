package io.robustmq.core.meta;

import java.util.Map;

/**
 * Who votes on the metadata, and who only follows it, as one node knows it.
 *
 * @param voters node to {@code host:port} of its metadata log
 * @param observers nodes that follow the log and have no vote, likewise
 * @param committed how far the log is known to be committed at a node; nodes of which nothing is known are not in it
 * @param term in which the present leader was elected
 */
public record QuorumImage(
        Map<Integer, String> voters, Map<Integer, String> observers, Map<Integer, Long> committed, long term) {
    public static final QuorumImage EMPTY = new QuorumImage(Map.of(), Map.of(), Map.of(), 0);

    public QuorumImage {
        voters = Map.copyOf(voters);
        observers = Map.copyOf(observers);
        committed = Map.copyOf(committed);
    }

    public boolean contains(int node) {
        return voters.containsKey(node) || observers.containsKey(node);
    }
}
