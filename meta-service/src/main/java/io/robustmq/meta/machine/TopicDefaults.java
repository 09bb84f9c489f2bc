package io.robustmq.meta.machine;

import io.robustmq.core.tier.TierConfig;

/**
 * What a topic gets that does not say, and how large it may be.
 *
 * @param replication lowered to the number of nodes there are, or will be
 * @param nodesExpected of a cluster that is declared but has not come together yet
 * @param store the kind of object store that there is for topics' segments; {@link TierConfig#NO_STORE}
 */
public record TopicDefaults(int partitions, int replication, int partitionsMax, int nodesExpected, String store) {
    public TopicDefaults(int partitions, int replication, int partitionsMax) {
        this(partitions, replication, partitionsMax, 1);
    }

    public TopicDefaults(int partitions, int replication, int partitionsMax, int nodesExpected) {
        this(partitions, replication, partitionsMax, nodesExpected, TierConfig.NO_STORE);
    }
}
