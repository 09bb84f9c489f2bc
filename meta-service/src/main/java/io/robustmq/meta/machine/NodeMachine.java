package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaCommand.SetNodeState;
import io.robustmq.core.meta.MetaCommand.UnregisterNode;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.MoveThrottle;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.NodeState;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.NodeRemoved;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who belongs to the cluster. Owned by the meta thread. */
final class NodeMachine {
    private final MetaState state;
    private final ReplicaMachine replicas;
    private final RebalanceMachine rebalance;
    private final TopicDefaults defaults;
    private final LevelMachine levels;

    NodeMachine(
            MetaState state,
            ReplicaMachine replicas,
            RebalanceMachine rebalance,
            TopicDefaults defaults,
            LevelMachine levels) {
        this.levels = levels;
        this.state = state;
        this.defaults = defaults;
        this.replicas = replicas;
        this.rebalance = rebalance;
    }

    Decision<MetaFact, MetaReply> unregister(UnregisterNode command) {
        int id = command.nodeId();
        NodeImage known = state.node(id);
        if (known == null) {
            return Answers.refuse(BrokerError.INVALID_REQUEST, "node " + id + " is not registered");
        }
        if (!known.fenced()) {
            return Answers.refuse(BrokerError.INVALID_REQUEST, "node " + id + " is alive; stop it first");
        }
        ReplicaMachine.Held held = replicas.held(id);
        if (held.alone() > 0) {
            return Answers.refuse(
                    BrokerError.INVALID_REQUEST,
                    "node " + id + " has the only whole replica of " + held.alone()
                            + " partitions: let it come back, or delete their topics");
        }
        if (held.partitions() > 0 && !command.force()) {
            return Answers.refuse(
                    BrokerError.INVALID_REQUEST,
                    "node " + id + " has replicas of " + held.partitions()
                            + " partitions: drain it while it runs, or force this, and the other replicas are all there are");
        }
        List<MetaFact> facts = new ArrayList<>(replicas.left(id, ReplicaMachine.FACTS_MAX));
        if (facts.size() < held.partitions()) {
            MetaReply later =
                    new MetaReply.Refused(BrokerError.OVERLOADED, "its replicas are being removed; do it again");
            return new Decision<>(facts, List.of(later));
        }
        facts.addAll(levels.removed(id));
        facts.add(new NodeRemoved(id));
        return Answers.done(facts, false);
    }

    Decision<MetaFact, MetaReply> setState(SetNodeState command) {
        int id = command.nodeId();
        if (state.node(id) == null) {
            return Answers.refuse(BrokerError.INVALID_REQUEST, "node " + id + " is not registered");
        }
        Map<String, String> row = state.configs(ConfigScope.nodeState(id));
        boolean drains = command.state() == NodeState.DRAINING;
        String stuck = drains && NodeState.of(row) != NodeState.DRAINING
                ? rebalance.stuck(id).orElse("")
                : "";
        if (!stuck.isEmpty()) {
            return Answers.refuse(BrokerError.INVALID_REQUEST, "node " + id + " cannot be drained: " + stuck);
        }
        List<MetaFact> facts = new ArrayList<>();
        ConfigScope scope = ConfigScope.nodeState(id);
        if (NodeState.of(row) != command.state()) {
            boolean active = command.state() == NodeState.ACTIVE;
            facts.add(new ConfigChanged(
                    scope, NodeState.KEY, active ? null : command.state().text()));
        }
        facts.addAll(RebalanceMachine.throttle(scope, row, drains ? command.throttle() : MoveThrottle.NONE));
        return Answers.done(facts, false);
    }

    /**
     * Every registration is a new incarnation, even with nothing else changed: the process before it may still run. So the
     * node leaves the replicas in sync before it is alive again, and where it may have lost something is not eligible either.
     */
    Decision<MetaFact, MetaReply> register(RegisterNode command) {
        int id = command.nodeId();
        if (id < 0) {
            return Answers.refuse(BrokerError.INVALID_REQUEST, "node id " + id + " is negative");
        }
        String fault = levels.fault(command);
        if (!fault.isEmpty()) {
            return Answers.refuse(BrokerError.UNSUPPORTED, fault);
        }
        int held = NodeRole.JOURNAL.isAmong(command.endpoints())
                ? 0
                : replicas.held(id).partitions();
        if (held > 0) {
            return Answers.refuse(
                    BrokerError.INVALID_REQUEST,
                    "node " + id + " has replicas of " + held
                            + " partitions, and now no role journal: give it the role back and drain it first");
        }
        NodeImage known = state.node(id);
        String homeless = known == null ? homeless(command) : "";
        if (!homeless.isEmpty()) {
            return Answers.refuse(
                    BrokerError.INVALID_REQUEST,
                    "node " + id + " may not serve MQTT: " + homeless + "; finalize level "
                            + ClusterLevel.HOMES_READ_ELSEWHERE
                            + " of the cluster, or set mqtt.port=-1 and mqtt.ws.port=-1");
        }
        List<MetaFact> left = known == null ? List.of() : replicas.shared(id, isSound(command, known));
        if (known != null && left.size() > ReplicaMachine.FACTS_MAX) {
            List<MetaFact> begun = new ArrayList<>();
            if (!known.fenced()) {
                begun.add(new NodeFenced(id, known.incarnationEpoch()));
            }
            begun.addAll(left.subList(0, ReplicaMachine.FACTS_MAX));
            MetaReply later = new MetaReply.Refused(
                    BrokerError.OVERLOADED, "what node " + id + " led is being handed over; register again");
            return new Decision<>(begun, List.of(later));
        }
        long epoch = known == null ? 1 : known.incarnationEpoch() + 1;
        List<MetaFact> facts = new ArrayList<>();
        facts.add(new NodeRegistered(id, epoch, command.rack(), command.endpoints()));
        facts.addAll(levels.registered(command));
        facts.addAll(replicas.returned(id, known != null && isSound(command, known)));
        return new Decision<>(facts, List.of(new MetaReply.Registered(epoch)));
    }

    /** Why a node may not be home to sessions, which need every partition at that level of the cluster; empty if it may. */
    private String homeless(RegisterNode command) {
        boolean needsAll =
                ClusterLevel.finalized(state.configs(ClusterLevel.SCOPE)) < ClusterLevel.HOMES_READ_ELSEWHERE;
        boolean concerned =
                needsAll && Spread.isHome(command.endpoints()) && !NodeRole.META.isAmong(command.endpoints());
        if (!concerned) {
            return "";
        }
        long homes = state.nodes().stream()
                .filter(node -> Spread.isHome(node.endpoints()))
                .count();
        if (homes >= defaults.replication()) {
            return "there are " + homes + " nodes that do, and meta.topic.replication=" + defaults.replication();
        }
        return state.topics().stream().anyMatch(topic -> !topic.internal())
                ? "there are topics of which it has no replica"
                : "";
    }

    private static boolean isSound(RegisterNode command, NodeImage known) {
        return command.previous() == known.incarnationEpoch();
    }

    Decision<MetaFact, MetaReply> fence(FenceNode command) {
        NodeImage known = state.node(command.nodeId());
        if (known == null || known.fenced() || known.incarnationEpoch() != command.incarnationEpoch()) {
            return Answers.done(List.of(), false);
        }
        List<MetaFact> facts = new ArrayList<>();
        facts.add(new NodeFenced(command.nodeId(), command.incarnationEpoch()));
        List<MetaFact> left = replicas.left(command.nodeId());
        facts.addAll(left.subList(0, Math.min(left.size(), ReplicaMachine.FACTS_MAX)));
        return Answers.done(facts, false);
    }
}
