package io.robustmq.core.meta;

import java.util.List;

/** A partition as the meta service decided it. {@code leader} is -1 when no eligible replica is alive. */
public record PartitionImage(
        int index, int leader, int leaderEpoch, int partitionEpoch, List<Integer> replicas, List<Integer> isr) {
    public static final int NO_LEADER = -1;

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
    }
}
