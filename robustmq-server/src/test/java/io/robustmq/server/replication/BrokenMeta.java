package io.robustmq.server.replication;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a meta service decides that is broken in one way: the real one's decision, falsified. Pure. */
final class BrokenMeta {
    private final Fault fault;

    BrokenMeta(Fault fault) {
        this.fault = fault;
    }

    /** The command as the broken service understands it. */
    MetaCommand understood(MetaCommand command, PartitionImage partition, MetaImage image) {
        if (!(command instanceof AlterInSync asked) || partition.leader() == PartitionImage.NO_LEADER) {
            return command;
        }
        if (fault == Fault.IN_SYNC_NOT_COMPARED) {
            long life = image.nodes().get(partition.leader()).incarnationEpoch();
            Map<Integer, Long> members = new HashMap<>(asked.inSync());
            members.put(partition.leader(), life);
            members.replaceAll((node, any) -> image.nodes().get(node).incarnationEpoch());
            return new AlterInSync(
                    asked.partition(),
                    partition.leader(),
                    life,
                    partition.leaderEpoch(),
                    partition.partitionEpoch(),
                    members);
        }
        return command;
    }

    /** The partition as the broken service leaves it. */
    PartitionImage left(MetaCommand command, PartitionImage before, PartitionImage after, MetaImage image) {
        List<Integer> eligible = before.elr().stream()
                .filter(node -> !after.isr().contains(node))
                .toList();
        return switch (fault) {
            case RETURNED_IN_SYNC -> command instanceof RegisterNode back ? returned(back.nodeId(), after) : after;
            case UNCLEAN_ELECTION -> after.leader() == PartitionImage.NO_LEADER ? unclean(after, image) : after;
            case EPOCH_USED_AGAIN -> inEpochOf(before, after);
            case ELIGIBLE_FORGOTTEN -> with(after, after.isr(), List.of());
            case ELIGIBLE_FOR_EVER ->
                after.elr().isEmpty() && after.leader() != PartitionImage.NO_LEADER
                        ? with(after, after.isr(), eligible)
                        : after;
            case ELIGIBLE_WHEN_FEWER_ARE_ENOUGH ->
                after.elr().isEmpty() && after.isr().equals(before.isr()) ? with(after, after.isr(), eligible) : after;
            default -> after;
        };
    }

    private static PartitionImage returned(int node, PartitionImage after) {
        boolean isLed = after.leader() != PartitionImage.NO_LEADER;
        if (!isLed || !after.replicas().contains(node) || after.isr().contains(node)) {
            return after;
        }
        List<Integer> inSync = new ArrayList<>(after.isr());
        inSync.add(node);
        return after.next(after.leader(), inSync, after.elr(), after.lastLeader());
    }

    private static PartitionImage unclean(PartitionImage after, MetaImage image) {
        return after.replicas().stream()
                .filter(id -> !image.nodes().get(id).fenced())
                .findFirst()
                .map(id -> after.next(id, List.of(id), List.of(), PartitionImage.NO_LEADER))
                .orElse(after);
    }

    private static PartitionImage inEpochOf(PartitionImage before, PartitionImage after) {
        boolean handedOver = before.leader() != after.leader()
                && before.leader() != PartitionImage.NO_LEADER
                && after.leader() != PartitionImage.NO_LEADER;
        return handedOver ? with(after, before.leaderEpoch(), after.isr(), after.elr()) : after;
    }

    private static PartitionImage with(PartitionImage partition, List<Integer> inSync, List<Integer> eligible) {
        return with(partition, partition.leaderEpoch(), inSync, eligible);
    }

    private static PartitionImage with(
            PartitionImage partition, int leaderEpoch, List<Integer> inSync, List<Integer> eligible) {
        return new PartitionImage(
                partition.index(),
                partition.leader(),
                leaderEpoch,
                partition.partitionEpoch(),
                partition.replicas(),
                inSync,
                partition.adding(),
                partition.removing(),
                eligible,
                partition.lastLeader());
    }
}
