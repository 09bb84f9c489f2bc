package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaCommand.SetLevel;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The level of the cluster, and which ones its nodes know. Owned by the meta thread.
 *
 * <pre>
 *   nodes are upgraded one by one, each knows n and n + 1 ──► all of them do: n + 1 may be finalized ──► no way back
 * </pre>
 *
 * A node that is gone but not removed counts: it will come back as it was.
 */
final class LevelMachine {
    private final MetaState state;

    LevelMachine(MetaState state) {
        this.state = state;
    }

    Decision<MetaFact, MetaReply> set(SetLevel command) {
        Map<String, String> row = state.configs(ClusterLevel.SCOPE);
        int present = ClusterLevel.finalized(row);
        if (command.level() < present) {
            return Answers.refuse(
                    BrokerError.UNSUPPORTED,
                    "the cluster is at level " + present + ": what was written since cannot be read at level "
                            + command.level());
        }
        Optional<NodeImage> behind = state.nodes().stream()
                .filter(node -> !ClusterLevel.of(row, node.id()).has(command.level()))
                .min(Comparator.comparingInt(NodeImage::id));
        if (behind.isPresent()) {
            int node = behind.get().id();
            return Answers.refuse(
                    BrokerError.UNSUPPORTED,
                    "node " + node + " knows " + ClusterLevel.of(row, node) + ", not level " + command.level()
                            + ": upgrade it first, or remove it");
        }
        return Answers.done(
                command.level() == present ? List.of() : List.of(finalized(command.level())), command.validateOnly());
    }

    static MetaFact finalized(int level) {
        return new ConfigChanged(ClusterLevel.SCOPE, ClusterLevel.FINALIZED, Integer.toString(level));
    }

    /** Why the node cannot be one of the cluster; empty when it can. */
    String fault(RegisterNode command) {
        int present = ClusterLevel.finalized(state.configs(ClusterLevel.SCOPE));
        return command.levels().has(present)
                ? ""
                : "the cluster is at level " + present + ", and node " + command.nodeId() + " knows " + command.levels()
                        + ": start a version that knows it";
    }

    /** What the metadata is to know of the node's levels. */
    List<MetaFact> registered(RegisterNode command) {
        ClusterLevel.Range known = ClusterLevel.of(state.configs(ClusterLevel.SCOPE), command.nodeId());
        boolean base = command.levels().equals(ClusterLevel.Range.BASE_ONLY);
        return known.equals(command.levels())
                ? List.of()
                : List.of(of(command.nodeId(), base ? null : command.levels().text()));
    }

    List<MetaFact> removed(int node) {
        boolean known = state.configs(ClusterLevel.SCOPE).containsKey(Integer.toString(node));
        return known ? List.of(of(node, null)) : List.of();
    }

    private static MetaFact of(int node, @Nullable String range) {
        return new ConfigChanged(ClusterLevel.SCOPE, Integer.toString(node), range);
    }
}
