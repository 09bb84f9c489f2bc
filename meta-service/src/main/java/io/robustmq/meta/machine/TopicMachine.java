package io.robustmq.meta.machine;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand.CreatePartitions;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.DeleteTopic;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFact.TopicCreated;
import io.robustmq.meta.fact.MetaFact.TopicDeleted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which topics exist and where their partitions live. Owned by the meta thread. */
final class TopicMachine {
    private final MetaState state;
    private final TopicDefaults defaults;

    TopicMachine(MetaState state, TopicDefaults defaults) {
        this.state = state;
        this.defaults = defaults;
    }

    Decision<MetaFact, MetaReply> create(CreateTopic command, TopicId fresh) {
        MetaReply.Refused refusal = refusal(command);
        if (refusal != null) {
            return Decision.effect(refusal);
        }
        Placement placement = command.assignment().isEmpty()
                ? place(command.name(), command.partitions(), command.replicationFactor(), fresh.low())
                : placeAsAssigned(command.assignment(), 0);
        if (placement.refusal != null) {
            return Decision.effect(placement.refusal);
        }
        int partitions = placement.partitions.size();
        int replication = placement.partitions.get(0).replicas().size();
        if (command.validateOnly()) {
            return Decision.effect(new MetaReply.TopicCreated(TopicId.ZERO, partitions, replication));
        }
        List<MetaFact> facts = new ArrayList<>();
        facts.add(new TopicCreated(fresh, command.name()));
        placement.partitions.forEach(partition -> facts.add(new PartitionPlaced(fresh, partition)));
        ConfigScope scope = ConfigScope.topic(command.name());
        for (Map.Entry<String, String> config : new TreeMap<>(command.configs()).entrySet()) {
            facts.add(new ConfigChanged(scope, config.getKey(), config.getValue()));
        }
        return new Decision<>(facts, List.of(new MetaReply.TopicCreated(fresh, partitions, replication)));
    }

    Decision<MetaFact, MetaReply> delete(DeleteTopic command) {
        TopicImage topic = state.topic(command.name());
        if (topic == null) {
            return Answers.refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, "no topic " + command.name());
        }
        if (topic.internal()) {
            return Answers.refuse(BrokerError.POLICY_VIOLATION, topic.name() + " belongs to the broker");
        }
        return Decision.of(new TopicDeleted(topic.id(), topic.name()), new MetaReply.Done());
    }

    Decision<MetaFact, MetaReply> addPartitions(CreatePartitions command) {
        TopicImage topic = state.topic(command.topic());
        if (topic == null) {
            return Answers.refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, "no topic " + command.topic());
        }
        if (topic.internal()) {
            return Answers.refuse(
                    BrokerError.POLICY_VIOLATION, topic.name() + ": keys would no longer be found in their partition");
        }
        int present = topic.partitions().size();
        if (command.totalPartitions() <= present) {
            return Answers.refuse(
                    BrokerError.INVALID_PARTITIONS, topic.name() + " has " + present + " partitions already");
        }
        int replication = topic.partitions().get(0).target().size();
        Placement placement = placeMore(command, topic, replication);
        if (placement.refusal != null) {
            return Decision.effect(placement.refusal);
        }
        List<MetaFact> facts = new ArrayList<>();
        placement.partitions.forEach(partition -> facts.add(new PartitionPlaced(topic.id(), partition)));
        return Answers.done(facts, command.validateOnly());
    }

    private MetaReply.@Nullable Refused refusal(CreateTopic command) {
        String name = command.name();
        if (!TopicName.isLegal(name)) {
            return refused(BrokerError.INVALID_TOPIC, "topic name \"" + name + "\" is not legal");
        }
        if (state.topicNames().contains(name)) {
            return refused(BrokerError.TOPIC_ALREADY_EXISTS, "topic " + name + " exists");
        }
        String collision = collision(name);
        if (collision != null) {
            return refused(BrokerError.INVALID_TOPIC, "topic " + name + " collides with " + collision);
        }
        if (command.limit() >= 0 && !TopicName.isInternal(name) && ordinaryTopics() >= command.limit()) {
            return refused(BrokerError.TOPIC_LIMIT_REACHED, command.limit() + " topics exist");
        }
        if (contradictsItself(command)) {
            return refused(BrokerError.INVALID_REQUEST, "the assignment contradicts the numbers given beside it");
        }
        try {
            String untierable = Tiering.refusal(name, TopicSettings.of(command.configs()), defaults.store(), state);
            return untierable.isEmpty() ? null : refused(BrokerError.INVALID_CONFIG, untierable);
        } catch (IllegalArgumentException e) {
            return refused(BrokerError.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
    }

    private static boolean contradictsItself(CreateTopic command) {
        if (command.assignment().isEmpty()) {
            return false;
        }
        int partitions = command.assignment().size();
        int replication = command.assignment().get(0).size();
        return (command.partitions() != -1 && command.partitions() != partitions)
                || (command.replicationFactor() != -1 && command.replicationFactor() != replication);
    }

    private @Nullable String collision(String name) {
        if (name.indexOf('.') < 0 && name.indexOf('_') < 0) {
            return null;
        }
        for (String other : state.topicNames()) {
            if (other.length() == name.length() && TopicName.collide(name, other)) {
                return other;
            }
        }
        return null;
    }

    private int ordinaryTopics() {
        int count = 0;
        for (String name : state.topicNames()) {
            count += TopicName.isInternal(name) ? 0 : 1;
        }
        return count;
    }

    private Placement place(String topic, int wantedPartitions, int wantedReplication, long seed) {
        int nodes = Math.max(Math.max(1, liveNodes().size()), defaults.nodesExpected() - withoutReplicas());
        int partitions = wantedPartitions == -1 ? defaults.partitions() : wantedPartitions;
        int replication = wantedReplication == -1 ? Math.min(defaults.replication(), nodes) : wantedReplication;
        return place(topic, 0, partitions, replication, seed);
    }

    /** Of the nodes that are expected, as they vote, those that are known to keep no log. */
    private int withoutReplicas() {
        return (int) state.nodes().stream()
                .filter(node -> node.has(NodeRole.META) && !node.has(NodeRole.JOURNAL))
                .count();
    }

    private Placement placeMore(CreatePartitions command, TopicImage topic, int replication) {
        int present = topic.partitions().size();
        if (command.assignment().isEmpty()) {
            return place(
                    topic.name(),
                    present,
                    command.totalPartitions(),
                    replication,
                    topic.id().low());
        }
        if (command.assignment().size() != command.totalPartitions() - present
                || command.assignment().get(0).size() != replication) {
            return new Placement(refused(
                    BrokerError.INVALID_REPLICA_ASSIGNMENT,
                    "the assignment must place " + (command.totalPartitions() - present) + " partitions on "
                            + replication + " nodes each"));
        }
        return placeAsAssigned(command.assignment(), present);
    }

    /** Nodes that an operator keeps out of use get nothing where there are others; sessions of MQTT live where MQTT is served. */
    private List<Integer> usable(String topic, List<Integer> live, int replication) {
        Spread spread = new Spread(
                state.topics(),
                state.nodes(),
                id -> !state.configs(ConfigScope.nodeState(id)).isEmpty(),
                ClusterLevel.finalized(state.configs(ClusterLevel.SCOPE)));
        List<Integer> suited =
                live.stream().filter(node -> spread.suits(topic, node)).toList();
        List<Integer> candidates = suited.size() >= replication ? suited : live;
        List<Integer> active =
                candidates.stream().filter(spread.replicas()::containsKey).toList();
        return active.size() >= replication ? active : candidates;
    }

    /** On nodes that are alive, and where these are too few also on others, which will have to catch up. */
    private Placement place(String topic, int from, int to, int replication, long seed) {
        List<Integer> live = liveNodes();
        List<Integer> fenced = fencedNodes();
        if (to < 1 || to > defaults.partitionsMax()) {
            return new Placement(refused(
                    BrokerError.INVALID_PARTITIONS, to + " partitions: must be from 1 to " + defaults.partitionsMax()));
        }
        if (replication < 1 || replication > live.size() + fenced.size() || live.isEmpty()) {
            return new Placement(refused(
                    BrokerError.INVALID_REPLICATION_FACTOR,
                    "replication factor " + replication + ": must be from 1 to the " + (live.size() + fenced.size())
                            + " nodes, of which " + live.size() + " are alive"));
        }
        live = usable(topic, live, replication);
        PlacementPlanner planner = new PlacementPlanner(racks());
        List<Integer> nodes = planner.alternating(live);
        List<PartitionImage> partitions = new ArrayList<>(to - from);
        for (int index = from; index < to; index++) {
            List<Integer> inSync = planner.replicas(nodes, seed, index, Math.min(replication, live.size()));
            List<Integer> replicas = planner.filled(inSync, fenced, replication);
            partitions.add(new PartitionImage(index, replicas.get(0), 0, 0, replicas, inSync));
        }
        return new Placement(partitions);
    }

    private Placement placeAsAssigned(List<List<Integer>> assignment, int from) {
        if (from + assignment.size() > defaults.partitionsMax()) {
            return new Placement(refused(
                    BrokerError.INVALID_PARTITIONS,
                    (from + assignment.size()) + " partitions: must be from 1 to " + defaults.partitionsMax()));
        }
        List<Integer> live = liveNodes();
        int replication = assignment.get(0).size();
        List<PartitionImage> partitions = new ArrayList<>(assignment.size());
        for (List<Integer> replicas : assignment) {
            int index = from + partitions.size();
            List<Integer> inSync = new ArrayList<>(replicas);
            inSync.retainAll(live);
            String fault = fault(replicas, replication, inSync);
            if (fault != null) {
                return new Placement(
                        refused(BrokerError.INVALID_REPLICA_ASSIGNMENT, "partition " + index + ": " + fault));
            }
            partitions.add(new PartitionImage(index, inSync.get(0), 0, 0, replicas, inSync));
        }
        return new Placement(partitions);
    }

    private @Nullable String fault(List<Integer> replicas, int replication, List<Integer> inSync) {
        if (replicas.isEmpty() || replicas.size() != replication) {
            return replicas.size() + " replicas, where the first partition has " + replication;
        }
        if (new HashSet<>(replicas).size() != replicas.size()) {
            return "a node is named twice in " + replicas;
        }
        for (int node : replicas) {
            NodeImage known = state.node(node);
            if (known == null) {
                return "node " + node + " is not registered";
            }
            if (!known.has(NodeRole.JOURNAL)) {
                return "node " + node + " has no role journal";
            }
        }
        return inSync.isEmpty() ? "none of the nodes " + replicas + " is alive" : null;
    }

    private Map<Integer, String> racks() {
        Map<Integer, String> racks = new HashMap<>();
        state.nodes().forEach(node -> racks.put(node.id(), node.rack()));
        return racks;
    }

    private List<Integer> liveNodes() {
        return nodes(false);
    }

    private List<Integer> fencedNodes() {
        return nodes(true);
    }

    private List<Integer> nodes(boolean fenced) {
        List<Integer> ids = new ArrayList<>();
        for (NodeImage node : state.nodes()) {
            if (node.fenced() == fenced && node.has(NodeRole.JOURNAL)) {
                ids.add(node.id());
            }
        }
        ids.sort(null);
        return ids;
    }

    private static MetaReply.Refused refused(BrokerError error, String message) {
        return new MetaReply.Refused(error, message);
    }

    /** Either partitions or why there are none. */
    private static final class Placement {
        private final List<PartitionImage> partitions;
        private final MetaReply.@Nullable Refused refusal;

        private Placement(List<PartitionImage> partitions) {
            this.partitions = partitions;
            this.refusal = null;
        }

        private Placement(MetaReply.Refused refusal) {
            this.partitions = List.of();
            this.refusal = refusal;
        }
    }
}
