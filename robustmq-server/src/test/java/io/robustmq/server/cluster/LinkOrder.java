package io.robustmq.server.cluster;

import java.util.HashMap;
import java.util.Map;

/**
 * The order of what a process asks other nodes: one connection after the other, each of which keeps it, so that what was overtaken was on
 * one that is no more.
 */
final class LinkOrder {
    private final SimNode from;
    private final int life;
    private final Map<Integer, Integer> sent = new HashMap<>();
    private final Map<Integer, Integer> arrived = new HashMap<>();

    LinkOrder(SimNode from) {
        this.from = from;
        this.life = from.life();
    }

    /** The number of the next question to the node. */
    int next(int target) {
        return sent.merge(target, 1, Integer::sum);
    }

    /** Whether the question is heard that arrives there. */
    boolean takes(int target, int number) {
        boolean follows = from.life() == life && arrived.getOrDefault(target, 0) < number;
        if (follows) {
            arrived.put(target, number);
        }
        return follows;
    }
}
