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
        if (fault == Fault.POSITIONS_OF_OTHER_LIVES) {
            Map<Integer, Long> present = new HashMap<>(asked.inSync());
            present.replaceAll((node, life) ->
                    node == asked.leader() ? life : image.nodes().get(node).incarnationEpoch());
            return new AlterInSync(
                    asked.partition(),
                    asked.leader(),
                    asked.incarnationEpoch(),
                    asked.leaderEpoch(),
                    asked.partitionEpoch(),
                    present);
        }
        return command;
    }

    /** The partition as the broken service leaves it. */
    PartitionImage left(MetaCommand command, PartitionImage before, PartitionImage after, MetaImage image) {
        if (fault == Fault.RETURNED_IN_SYNC
                && command instanceof RegisterNode back
                && after.replicas().contains(back.nodeId())
                && !after.isr().contains(back.nodeId())) {
            List<Integer> inSync = new ArrayList<>(after.isr());
            inSync.add(back.nodeId());
            return with(after, after.leader(), after.leaderEpoch(), after.partitionEpoch() + 1, inSync);
        }
        if (fault == Fault.UNCLEAN_ELECTION && after.leader() == PartitionImage.NO_LEADER) {
            return after.replicas().stream()
                    .filter(id -> !image.nodes().get(id).fenced())
                    .findFirst()
                    .map(id -> with(after, id, after.leaderEpoch() + 1, after.partitionEpoch() + 1, List.of(id)))
                    .orElse(after);
        }
        if (fault == Fault.EPOCH_USED_AGAIN
                && before.leader() != after.leader()
                && before.leader() != PartitionImage.NO_LEADER
                && after.leader() != PartitionImage.NO_LEADER) {
            return with(after, after.leader(), before.leaderEpoch(), after.partitionEpoch(), after.isr());
        }
        return after;
    }

    private static PartitionImage with(
            PartitionImage partition, int leader, int leaderEpoch, int partitionEpoch, List<Integer> inSync) {
        return new PartitionImage(
                partition.index(),
                leader,
                leaderEpoch,
                partitionEpoch,
                partition.replicas(),
                inSync,
                partition.adding(),
                partition.removing());
    }
}
