package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand.MovePartition;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How partitions get other replicas. Owned by the meta thread.
 *
 * <pre>
 *   at rest ── move ──► replicas added ── all of the target in sync ──► those that are not of it are removed, at rest
 *                            └── another move, or none: what was added and is not in sync for good goes again
 * </pre>
 *
 * Every change of the replicas is a new leader epoch: what a leader knew of its followers was of others.
 */
final class MoveMachine {
    private final MetaState state;

    MoveMachine(MetaState state) {
        this.state = state;
    }

    Decision<MetaFact, MetaReply> move(MovePartition command) {
        TopicImage topic = state.topic(command.partition().topicId());
        int index = command.partition().index();
        if (topic == null || index >= topic.partitions().size()) {
            return Answers.refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, "no partition " + command.partition());
        }
        PartitionImage partition = topic.partitions().get(index);
        PartitionImage rest = cancelled(partition);
        List<Integer> target = command.replicas().isEmpty() ? rest.replicas() : command.replicas();
        if (Set.copyOf(target).size() != target.size() || !target.stream().allMatch(this::mayHaveReplicas)) {
            return Answers.refuse(
                    BrokerError.INVALID_REPLICA_ASSIGNMENT,
                    "the replicas must be different nodes of the role journal: " + target);
        }
        PartitionImage next = settled(begun(rest, target));
        if (next.replicas().equals(partition.replicas())
                && next.adding().equals(partition.adding())
                && next.removing().equals(partition.removing())) {
            return Answers.done(List.of(), false);
        }
        return Answers.done(List.of(new PartitionPlaced(topic.id(), next)), false);
    }

    private boolean mayHaveReplicas(int id) {
        NodeImage node = state.node(id);
        return node != null && node.has(NodeRole.JOURNAL);
    }

    private static PartitionImage begun(PartitionImage rest, List<Integer> target) {
        List<Integer> adding =
                target.stream().filter(node -> !rest.replicas().contains(node)).toList();
        List<Integer> removing =
                rest.replicas().stream().filter(node -> !target.contains(node)).toList();
        List<Integer> all = new ArrayList<>(target);
        all.addAll(removing);
        return changed(rest, all, rest.isr(), rest.leader(), adding, removing, rest.elr());
    }

    /** As it was before it was moved, but that what was added counts for nothing. */
    private static PartitionImage cancelled(PartitionImage partition) {
        if (!partition.isMoving()) {
            return partition;
        }
        List<Integer> kept = partition.replicas().stream()
                .filter(node -> !partition.adding().contains(node))
                .toList();
        List<Integer> inSync = partition.isr().stream().filter(kept::contains).toList();
        boolean isLed = partition.leader() != PartitionImage.NO_LEADER;
        if (inSync.isEmpty() && (isLed || partition.elr().stream().noneMatch(kept::contains))) {
            // Only what was added has all that was acknowledged, or is there to lead.
            return partition;
        }
        List<Integer> eligible = partition.elr().stream().filter(kept::contains).toList();
        return changed(partition, kept, inSync, leaderAmong(partition, kept, inSync), List.of(), List.of(), eligible);
    }

    /** The move is complete when all that shall stay are in sync. */
    static PartitionImage settled(PartitionImage partition) {
        List<Integer> target = partition.target();
        if (!partition.isMoving() || !partition.isr().containsAll(target)) {
            return partition;
        }
        List<Integer> inSync = partition.isr().stream().filter(target::contains).toList();
        return changed(
                partition, target, inSync, leaderAmong(partition, target, inSync), List.of(), List.of(), List.of());
    }

    private static int leaderAmong(PartitionImage partition, List<Integer> replicas, List<Integer> inSync) {
        if (inSync.contains(partition.leader())) {
            return partition.leader();
        }
        return partition.leader() == PartitionImage.NO_LEADER
                ? PartitionImage.NO_LEADER
                : replicas.stream().filter(inSync::contains).findFirst().orElse(PartitionImage.NO_LEADER);
    }

    private static PartitionImage changed(
            PartitionImage partition,
            List<Integer> replicas,
            List<Integer> inSync,
            int leader,
            List<Integer> adding,
            List<Integer> removing,
            List<Integer> eligible) {
        boolean lastStays = replicas.contains(partition.lastLeader());
        return new PartitionImage(
                partition.index(),
                leader,
                partition.leaderEpoch() + 1,
                partition.partitionEpoch() + 1,
                replicas,
                inSync,
                adding,
                removing,
                eligible,
                lastStays ? partition.lastLeader() : PartitionImage.NO_LEADER);
    }
}
