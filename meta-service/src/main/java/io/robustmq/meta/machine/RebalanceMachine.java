package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand.BalanceReplicas;
import io.robustmq.core.meta.MetaCommand.MovePartition;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.MoveThrottle;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves replicas to where operators want them, a bounded number at a time. Owned by the meta thread. Nothing is planned ahead:
 * each turn looks at how things are, and begins as many moves as there is room for.
 *
 * <pre>
 *   replicas of nodes that are drained go → internal topics get the replicas that there are nodes for → nodes are made equal
 * </pre>
 */
final class RebalanceMachine {
    /** Partitions that are moved at once. */
    static final int MOVES_MAX = 10;

    private static final String ON = "on";

    private final MetaState state;
    private final MoveMachine moves;
    private final ReplicaMachine replicas;
    private final TopicDefaults defaults;

    RebalanceMachine(MetaState state, MoveMachine moves, ReplicaMachine replicas, TopicDefaults defaults) {
        this.state = state;
        this.moves = moves;
        this.replicas = replicas;
        this.defaults = defaults;
    }

    /** An operator wants nodes made equal, or no longer. What moves already goes on as fast as it did. */
    Decision<MetaFact, MetaReply> balance(BalanceReplicas command) {
        List<MetaFact> facts = new ArrayList<>();
        if (isBalancing() != command.on()) {
            facts.add(balancing(command.on()));
        }
        if (command.on()) {
            facts.addAll(throttle(ConfigScope.BALANCE, state.configs(ConfigScope.BALANCE), command.throttle()));
        }
        return Answers.done(facts, false);
    }

    /** What makes the rate of a row another one. */
    static List<MetaFact> throttle(ConfigScope scope, Map<String, String> row, long rate) {
        @Nullable String value = rate == MoveThrottle.NONE ? null : Long.toString(rate);
        return Objects.equals(value, row.get(MoveThrottle.KEY))
                ? List.of()
                : List.of(new ConfigChanged(scope, MoveThrottle.KEY, value));
    }

    Decision<MetaFact, MetaReply> turn() {
        int moving = 0;
        for (TopicImage topic : state.topics()) {
            moving += (int)
                    topic.partitions().stream().filter(PartitionImage::isMoving).count();
        }
        List<MovePartition> begun = new ArrayList<>();
        Spread spread = new Spread(state.topics(), state.nodes(), replicas::rests, level());
        for (TopicImage topic : sorted()) {
            for (PartitionImage partition : topic.partitions()) {
                if (moving + begun.size() < MOVES_MAX && !partition.isMoving()) {
                    next(topic, partition, spread).ifPresent(begun::add);
                }
            }
        }
        List<MetaFact> facts = new ArrayList<>();
        begun.forEach(move -> facts.addAll(moves.move(move).facts()));
        if (isBalancing() && facts.isEmpty() && moving < MOVES_MAX) {
            balanceFurther(moving, facts);
        }
        if (!isBalancing() && moving == 0) {
            facts.addAll(throttle(ConfigScope.BALANCE, state.configs(ConfigScope.BALANCE), MoveThrottle.NONE));
        }
        return Answers.done(facts, false);
    }

    private int level() {
        return ClusterLevel.finalized(state.configs(ClusterLevel.SCOPE));
    }

    private void balanceFurther(int moving, List<MetaFact> facts) {
        List<BalancePlanner.Move> plan =
                BalancePlanner.plan(state.topics(), state.nodes(), replicas::rests, level(), MOVES_MAX - moving);
        for (BalancePlanner.Move move : plan) {
            facts.addAll(
                    moves.move(new MovePartition(move.partition(), move.to())).facts());
        }
        if (plan.isEmpty() && moving == 0) {
            facts.add(balancing(false));
        }
    }

    private Optional<MovePartition> next(TopicImage topic, PartitionImage partition, Spread spread) {
        List<Integer> target = new ArrayList<>(partition.target());
        for (int node : partition.target()) {
            Optional<Integer> other = stateOf(node) == NodeState.DRAINING
                    ? spread.leastLoaded(topic.name(), target, without(node, target))
                    : Optional.empty();
            if (other.isPresent()) {
                target.set(target.indexOf(node), other.get());
                spread.moved(node, other.get());
            }
        }
        long wanted = Math.min(defaults.replication(), spread.room(topic.name()));
        while (topic.internal() && target.size() < wanted) {
            Optional<Integer> more = spread.leastLoaded(topic.name(), target, target);
            if (more.isEmpty()) {
                break;
            }
            target.add(more.get());
            spread.added(more.get());
        }
        return target.equals(partition.target()) ? Optional.empty() : Optional.of(move(topic, partition, target));
    }

    private static List<Integer> without(int node, List<Integer> nodes) {
        return nodes.stream().filter(other -> other != node).toList();
    }

    /** What the node would keep, as no other one can take it; empty when nothing. */
    Optional<String> stuck(int node) {
        Spread spread = new Spread(state.topics(), state.nodes(), id -> id == node || replicas.rests(id), level());
        List<String> stuck = new ArrayList<>();
        for (TopicImage topic : sorted()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.target().contains(node)
                        && spread.leastLoaded(topic.name(), partition.target(), List.of())
                                .isEmpty()) {
                    stuck.add(topic.name() + "-" + partition.index());
                }
            }
        }
        return stuck.isEmpty()
                ? Optional.empty()
                : Optional.of(stuck.size() + " partitions can go to no other node, " + stuck.get(0) + " among them");
    }

    private List<TopicImage> sorted() {
        return state.topics().stream()
                .sorted(Comparator.comparing(TopicImage::name))
                .toList();
    }

    private static MovePartition move(TopicImage topic, PartitionImage partition, List<Integer> target) {
        return new MovePartition(new Partition(topic.id(), partition.index()), target);
    }

    private NodeState stateOf(int node) {
        return NodeState.of(state.configs(ConfigScope.nodeState(node)));
    }

    private boolean isBalancing() {
        return state.configs(ConfigScope.BALANCE).containsKey(NodeState.KEY);
    }

    private static MetaFact balancing(boolean on) {
        @Nullable String value = on ? ON : null;
        return new ConfigChanged(ConfigScope.BALANCE, NodeState.KEY, value);
    }
}
