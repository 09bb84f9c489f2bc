package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ConfigScope;
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

/**
 * Which replicas nodes cannot use. Owned by the meta thread. What follows for leaders and replicas in sync {@link
 * ReplicaMachine#mend} does.
 */
final class OfflineMachine {
    private final MetaState state;

    OfflineMachine(MetaState state) {
        this.state = state;
    }

    Decision<MetaFact, MetaReply> set(SetOffline command) {
        NodeImage node = state.node(command.nodeId());
        if (node == null || node.fenced() || node.incarnationEpoch() != command.incarnationEpoch()) {
            return Answers.refuse(
                    BrokerError.INVALID_REQUEST,
                    "node " + command.nodeId() + " is not alive in incarnation " + command.incarnationEpoch());
        }
        ConfigScope scope = OfflineReplicas.scope(command.nodeId());
        Set<String> before = state.configs(scope).keySet();
        TreeSet<String> now = new TreeSet<>();
        command.partitions().forEach(partition -> now.add(OfflineReplicas.key(partition)));
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
        Map<Integer, Set<String>> rows = new HashMap<>();
        for (NodeImage node : state.nodes()) {
            Set<String> keys = state.configs(OfflineReplicas.scope(node.id())).keySet();
            if (!keys.isEmpty()) {
                rows.put(node.id(), keys);
            }
        }
        return new Offline(rows);
    }

    /** By node, the keys of its partitions that are offline. */
    record Offline(Map<Integer, Set<String>> rows) {
        boolean has(int node, TopicId topic, int index) {
            Set<String> keys = rows.isEmpty() ? null : rows.get(node);
            return keys != null && keys.contains(OfflineReplicas.key(new Partition(topic, index)));
        }
    }
}
