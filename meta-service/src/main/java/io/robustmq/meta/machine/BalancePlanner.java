package io.robustmq.meta.machine;

import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Which partitions to move so that their replicas are spread over the racks, nodes have equally many replicas, and are equally often
 * first among them. Pure. Every step spreads a partition better, or spreads it no worse and makes the most loaded node and the least
 * loaded one more equal, so there is an end. Partitions that are being moved
 * stay as they are; so do nodes that an operator keeps out of use, and the replicas of nodes that need all.
 */
public final class BalancePlanner {
    private final Spread spread;
    private final List<Placed> partitions = new ArrayList<>();
    private final Map<Partition, Move> moves = new HashMap<>();

    /** A partition gets these replicas, the preferred leader first. */
    public record Move(String topic, Partition partition, List<Integer> from, List<Integer> to) {
        public Move {
            from = List.copyOf(from);
            to = List.copyOf(to);
        }

        /** Whether data is copied; otherwise only another replica is to lead. */
        public boolean copies() {
            return !from.containsAll(to);
        }
    }

    /** A partition as the plan would have it by now. */
    private static final class Placed {
        private final TopicImage topic;
        private final PartitionImage partition;
        private List<Integer> replicas;

        private Placed(TopicImage topic, PartitionImage partition) {
            this.topic = topic;
            this.partition = partition;
            this.replicas = partition.target();
        }

        private List<Integer> without(int node) {
            return replicas.stream().filter(other -> other != node).toList();
        }
    }

    private BalancePlanner(Collection<TopicImage> topics, Collection<NodeImage> nodes, IntPredicate rests, int level) {
        this.spread = new Spread(topics, nodes, rests, level);
        topics.stream().sorted(Comparator.comparing(TopicImage::name)).forEach(topic -> topic.partitions().stream()
                .filter(partition -> !partition.isMoving())
                .forEach(partition -> partitions.add(new Placed(topic, partition))));
    }

    /** At most so many moves, the first ones of the whole plan. */
    public static List<Move> plan(MetaImage image, int max) {
        return plan(
                image.topics(),
                image.nodes().values(),
                node -> NodeState.of(image, node) != NodeState.ACTIVE,
                ClusterLevel.finalized(image),
                max);
    }

    static List<Move> plan(
            Collection<TopicImage> topics, Collection<NodeImage> nodes, IntPredicate rests, int level, int max) {
        BalancePlanner planner = new BalancePlanner(topics, nodes, rests, level);
        boolean found = true;
        while (found && planner.moves.size() < max) {
            found = planner.rackMoves() || planner.replicaMoves() || planner.leaderMoves();
        }
        return planner.moves.values().stream()
                .sorted(Comparator.comparing(Move::topic)
                        .thenComparing(move -> move.partition().index()))
                .toList();
    }

    /** One replica from a rack with more replicas of its partition to one with fewer. */
    private boolean rackMoves() {
        for (Placed placed : partitions) {
            for (int from : placed.replicas) {
                List<Integer> staying = placed.without(from);
                Optional<Integer> to = spread.leastLoaded(placed.topic.name(), placed.replicas, staying);
                if (to.isPresent()
                        && !spread.needsAll(from)
                        && spread.inRackOf(to.get(), staying) < spread.inRackOf(from, staying)) {
                    replace(placed, from, to.get());
                    return true;
                }
            }
        }
        return false;
    }

    /** One replica from a node that has many to one that has fewer, if that makes them more equal. */
    private boolean replicaMoves() {
        for (int from : descending(spread.replicas())) {
            for (int to : ascending(spread.replicas())) {
                int difference = spread.replicas().getOrDefault(from, 0)
                        - spread.replicas().getOrDefault(to, 0);
                if (difference < 2) {
                    break;
                }
                if (!spread.needsAll(from) && replaceSome(from, to)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean replaceSome(int from, int to) {
        for (Placed placed : partitions) {
            if (placed.replicas.contains(from)
                    && !placed.replicas.contains(to)
                    && spread.fits(placed.topic.name(), to)
                    && spread.inRackOf(to, placed.without(from)) <= spread.inRackOf(from, placed.without(from))) {
                replace(placed, from, to);
                return true;
            }
        }
        return false;
    }

    private void replace(Placed placed, int from, int to) {
        List<Integer> next = new ArrayList<>(placed.replicas);
        next.set(next.indexOf(from), to);
        spread.moved(from, to);
        change(placed, next);
    }

    /** One partition that another of its replicas leads, if that makes the two more equal. */
    private boolean leaderMoves() {
        for (int from : descending(spread.preferred())) {
            for (int to : ascending(spread.preferred())) {
                int difference = spread.preferred().getOrDefault(from, 0)
                        - spread.preferred().getOrDefault(to, 0);
                if (difference < 2) {
                    break;
                }
                if (swapSome(from, to)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean swapSome(int from, int to) {
        for (Placed placed : partitions) {
            if (placed.replicas.get(0) == from && placed.replicas.contains(to)) {
                List<Integer> next = new ArrayList<>(placed.replicas);
                next.set(next.indexOf(to), from);
                next.set(0, to);
                change(placed, next);
                return true;
            }
        }
        return false;
    }

    private void change(Placed placed, List<Integer> next) {
        spread.leads(placed.replicas.get(0), next.get(0));
        placed.replicas = List.copyOf(next);
        Partition partition = placed.topic.partition(placed.partition.index());
        List<Integer> before = placed.partition.target();
        if (next.equals(before)) {
            moves.remove(partition);
        } else {
            moves.put(partition, new Move(placed.topic.name(), partition, before, next));
        }
    }

    private static List<Integer> ascending(Map<Integer, Integer> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<Integer> descending(Map<Integer, Integer> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
    }
}
