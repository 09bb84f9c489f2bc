package io.robustmq.core.meta;

import java.util.List;

/**
 * A partition as the meta service decided it.
 *
 * @param leader -1 when no eligible replica is alive
 * @param replicas the preferred leader first; while the partition is moved, those that it will have, then those that it will not
 * @param adding of the replicas, those that the partition did not have before it is moved
 * @param removing of the replicas, those that go once all others are in sync
 * @param elr not in sync, but sure to have all that is committed: they left while too few were in sync for anything to be
 * @param lastLeader who led last, while nobody does; else -1
 */
public record PartitionImage(
        int index,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> adding,
        List<Integer> removing,
        List<Integer> elr,
        int lastLeader) {
    public static final int NO_LEADER = -1;

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        adding = List.copyOf(adding);
        removing = List.copyOf(removing);
        elr = List.copyOf(elr);
    }

    /** One with nobody eligible beyond those in sync. */
    public PartitionImage(
            int index,
            int leader,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            List<Integer> adding,
            List<Integer> removing) {
        this(index, leader, leaderEpoch, partitionEpoch, replicas, isr, adding, removing, List.of(), NO_LEADER);
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

    /** How many must be in sync for anything to be committed: what the topic wants, as far as there are replicas for it. */
    public int minInSync(int wanted) {
        return Math.max(1, Math.min(wanted, replicas.size() - adding.size()));
    }

    /** The next state: another leader is another leader epoch, any change another partition epoch. */
    public PartitionImage next(int newLeader, List<Integer> newIsr, List<Integer> newElr, int newLastLeader) {
        return new PartitionImage(
                index,
                newLeader,
                leaderEpoch + (newLeader == leader ? 0 : 1),
                partitionEpoch + 1,
                replicas,
                newIsr,
                adding,
                removing,
                newElr,
                newLastLeader);
    }
}
