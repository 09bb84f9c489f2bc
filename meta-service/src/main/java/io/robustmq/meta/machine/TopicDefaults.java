package io.robustmq.meta.machine;

/**
 * What a topic gets that does not say, and how large it may be.
 *
 * @param replication lowered to the number of nodes there are, or will be
 * @param nodesExpected of a cluster that is declared but has not come together yet
 */
public record TopicDefaults(int partitions, int replication, int partitionsMax, int nodesExpected) {
    public TopicDefaults(int partitions, int replication, int partitionsMax) {
        this(partitions, replication, partitionsMax, 1);
    }
}
