package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaCommand.SetFull;
import io.robustmq.core.meta.MetaCommand.SetOffline;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;

/**
 * Which replicas nodes cannot use, or cannot append to for want of room. Owned by the meta thread. What follows for leaders and replicas in sync {@link
 * ReplicaMachine#mend} does.
 */
final class OfflineMachine {
    private final MetaState state;

    OfflineMachine(MetaState state) {
        this.state = state;
    }

    Decision<MetaFact, MetaReply> set(SetOffline command) {
        return set(
                OfflineReplicas.scope(command.nodeId()),
                command.nodeId(),
                command.incarnationEpoch(),
                command.partitions());
    }

    Decision<MetaFact, MetaReply> set(SetFull command) {
        return set(
                FullReplicas.scope(command.nodeId()),
                command.nodeId(),
                command.incarnationEpoch(),
                command.partitions());
    }

    private Decision<MetaFact, MetaReply> set(
            ConfigScope scope, int nodeId, long incarnationEpoch, Set<Partition> partitions) {
        NodeImage node = state.node(nodeId);
        if (node == null || node.fenced() || node.incarnationEpoch() != incarnationEpoch) {
            return Answers.refuse(
                    BrokerError.INVALID_REQUEST, "node " + nodeId + " is not alive in incarnation " + incarnationEpoch);
        }
        Set<String> before = state.configs(scope).keySet();
        TreeSet<String> now = new TreeSet<>();
        partitions.forEach(partition -> now.add(OfflineReplicas.key(partition)));
        List<MetaFact> facts = new ArrayList<>();
        before.stream()
                .filter(key -> !now.contains(key))
                .sorted()
                .forEach(key -> facts.add(new ConfigChanged(scope, key, null)));
        now.stream().filter(key -> !before.contains(key)).forEach(key -> facts.add(new ConfigChanged(scope, key, "")));
        return Answers.done(facts.subList(0, Math.min(facts.size(), ReplicaMachine.FACTS_MAX)), false);
    }

    /** As of now, for a look at many partitions. */
    Offline now() {
        return new Offline(rows(OfflineReplicas::scope), rows(FullReplicas::scope));
    }

    private Map<Integer, Set<String>> rows(IntFunction<ConfigScope> scope) {
        Map<Integer, Set<String>> rows = new HashMap<>();
        for (NodeImage node : state.nodes()) {
            Set<String> keys = state.configs(scope.apply(node.id())).keySet();
            if (!keys.isEmpty()) {
                rows.put(node.id(), keys);
            }
        }
        return rows;
    }

    /** By node, the keys of its partitions that are offline, and of those without room. */
    record Offline(Map<Integer, Set<String>> offline, Map<Integer, Set<String>> full) {
        boolean has(int node, TopicId topic, int index) {
            return has(offline, node, topic, index);
        }

        boolean isFull(int node, TopicId topic, int index) {
            return has(full, node, topic, index);
        }

        /** Those with room, if there are any. */
        List<Integer> withRoom(List<Integer> nodes, TopicId topic, int index) {
            if (full.isEmpty()) {
                return nodes;
            }
            List<Integer> room =
                    nodes.stream().filter(node -> !isFull(node, topic, index)).toList();
            return room.isEmpty() ? nodes : room;
        }

        private static boolean has(Map<Integer, Set<String>> rows, int node, TopicId topic, int index) {
            Set<String> keys = rows.isEmpty() ? null : rows.get(node);
            return keys != null && keys.contains(OfflineReplicas.key(new Partition(topic, index)));
        }
    }
}
