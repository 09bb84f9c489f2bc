package io.robustmq.meta.machine;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import java.util.Set;
import java.util.TreeSet;

/** Which changes of the voters may be made, and what they lead to. Pure. */
public final class QuorumPlanner {
    /** Nobody need lead instead. */
    public static final int NOBODY = -1;

    private QuorumPlanner() {}

    /**
     * What to do, or why nothing.
     *
     * @param successor who has to lead the metadata before the change, or NOBODY
     * @param refusal empty: do it
     */
    public record Plan(Set<Integer> voters, Set<Integer> observers, int successor, String refusal) {
        public Plan {
            voters = Set.copyOf(voters);
            observers = Set.copyOf(observers);
        }
    }

    /** Decides on the quorum as it is and on who is alive. */
    public static Plan plan(QuorumChange change, QuorumImage quorum, MetaImage image) {
        return switch (change.kind()) {
            case ADD_VOTER -> add(change.node(), quorum, image);
            case REMOVE_VOTER -> remove(change.node(), quorum, image);
            case FORGET -> forget(change.node(), quorum);
        };
    }

    private static Plan add(int node, QuorumImage quorum, MetaImage image) {
        if (quorum.voters().containsKey(node)) {
            return refused("node " + node + " is a voter already");
        }
        if (!quorum.observers().containsKey(node)) {
            return refused("node " + node + " does not follow the metadata; start it first");
        }
        NodeImage known = image.nodes().get(node);
        if (known == null || known.fenced()) {
            return refused("node " + node + " is not alive");
        }
        if (!known.has(NodeRole.META)) {
            return refused("node " + node + " has no role meta");
        }
        Set<Integer> voters = new TreeSet<>(quorum.voters().keySet());
        voters.add(node);
        return changed(voters, without(quorum.observers().keySet(), node), NOBODY);
    }

    private static Plan remove(int node, QuorumImage quorum, MetaImage image) {
        if (!quorum.voters().containsKey(node)) {
            return refused("node " + node + " is no voter");
        }
        Set<Integer> voters = without(quorum.voters().keySet(), node);
        Set<Integer> alive = new TreeSet<>(voters);
        alive.removeIf(id -> !isAlive(id, image));
        if (voters.isEmpty()) {
            return refused("node " + node + " is the only voter");
        }
        if (alive.size() <= voters.size() / 2) {
            return refused("of the voters that would be left, " + voters + ", only " + alive
                    + " are alive: the metadata would stand still");
        }
        Set<Integer> observers = new TreeSet<>(quorum.observers().keySet());
        observers.add(node);
        int successor = image.leaderNode() == node ? alive.stream().findFirst().orElseThrow() : NOBODY;
        return changed(voters, observers, successor);
    }

    private static Plan forget(int node, QuorumImage quorum) {
        if (quorum.voters().containsKey(node)) {
            return refused("node " + node + " is a voter; remove it from the voters first");
        }
        return changed(quorum.voters().keySet(), without(quorum.observers().keySet(), node), NOBODY);
    }

    private static Set<Integer> without(Set<Integer> nodes, int node) {
        Set<Integer> rest = new TreeSet<>(nodes);
        rest.remove(node);
        return rest;
    }

    private static boolean isAlive(int id, MetaImage image) {
        NodeImage node = image.nodes().get(id);
        return node != null && !node.fenced();
    }

    private static Plan changed(Set<Integer> voters, Set<Integer> observers, int successor) {
        return new Plan(voters, observers, successor, "");
    }

    private static Plan refused(String why) {
        return new Plan(Set.of(), Set.of(), NOBODY, why);
    }
}
