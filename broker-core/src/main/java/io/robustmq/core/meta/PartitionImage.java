package io.robustmq.core.meta;

import java.util.List;

/**
 * A partition as the meta service decided it.
 *
 * @param leader -1 when no eligible replica is alive
 * @param replicas the preferred leader first; while the partition is moved, those that it will have, then those that it will not
 * @param adding of the replicas, those that the partition did not have before it is moved
 * @param removing of the replicas, those that go once all others are in sync
 */
public record PartitionImage(
        int index,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> adding,
        List<Integer> removing) {
    public static final int NO_LEADER = -1;

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        adding = List.copyOf(adding);
        removing = List.copyOf(removing);
    }

    /** One that is not moved. */
    public PartitionImage(
            int index, int leader, int leaderEpoch, int partitionEpoch, List<Integer> replicas, List<Integer> isr) {
        this(index, leader, leaderEpoch, partitionEpoch, replicas, isr, List.of(), List.of());
    }

    public boolean isMoving() {
        return !adding.isEmpty() || !removing.isEmpty();
    }

    /** The replicas that it will have, preferred leader first. */
    public List<Integer> target() {
        return replicas.stream().filter(node -> !removing.contains(node)).toList();
    }
}
