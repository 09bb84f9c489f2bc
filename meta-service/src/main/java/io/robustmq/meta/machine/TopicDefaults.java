package io.robustmq.meta.machine;

/**
 * What a topic gets that does not say, and how large it may be.
 *
 * @param replication lowered to the number of live nodes
 */
public record TopicDefaults(int partitions, int replication, int partitionsMax) {}
