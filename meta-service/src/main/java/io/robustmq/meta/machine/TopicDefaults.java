package io.robustmq.meta.machine;

/**
 * What a topic gets that does not say, and how large it may be.
 *
 * @param replication lowered to the number of nodes there are, or will be
 * @param nodesExpected of a cluster that is declared but has not come together yet
 * @param hasStore whether there is an object store for topics with remote.storage.enable
 */
public record TopicDefaults(int partitions, int replication, int partitionsMax, int nodesExpected, boolean hasStore) {
    public TopicDefaults(int partitions, int replication, int partitionsMax) {
        this(partitions, replication, partitionsMax, 1);
    }

    public TopicDefaults(int partitions, int replication, int partitionsMax, int nodesExpected) {
        this(partitions, replication, partitionsMax, nodesExpected, false);
    }
}
