package io.robustmq.core.coordinator;

import java.util.Map;

/**
 * How one kind of coordinator keeps its state.
 *
 * @param topic the internal topic, created on first use
 * @param nodeId this node: it serves the partitions it leads
 * @param partitions to create the topic with
 * @param replicationFactor to create the topic with; -1 for the cluster's default
 * @param topicConfigs to create the topic with
 * @param pendingMax commands waiting per partition; more are refused
 * @param batchBytesMax of one record batch; must not exceed the topic's max.message.bytes
 * @param readBytesMax read in one turn while loading
 * @param appendTimeoutMs how long an append may take until it counts as failed
 * @param holdWhileLoading let commands wait for a partition that is loading instead of refusing them
 */
public record CoordinatorSettings(
        String topic,
        int nodeId,
        int partitions,
        int replicationFactor,
        Map<String, String> topicConfigs,
        int pendingMax,
        int batchBytesMax,
        int readBytesMax,
        int appendTimeoutMs,
        boolean holdWhileLoading) {
    /** A compacted topic whose batches fit Kafka's default message size. */
    public static CoordinatorSettings compacted(String topic, int nodeId, int partitions) {
        return new CoordinatorSettings(
                topic,
                nodeId,
                partitions,
                -1,
                Map.of("cleanup.policy", "compact", "segment.bytes", "104857600"),
                10_000,
                1 << 19,
                1 << 20,
                30_000,
                false);
    }

    public CoordinatorSettings {
        if (partitions < 1 || pendingMax < 1 || batchBytesMax < 1 || readBytesMax < 1) {
            throw new IllegalArgumentException("partitions and limits must be positive");
        }
        topicConfigs = Map.copyOf(topicConfigs);
    }

    /** The same, but commands wait while their partition is loading. */
    public CoordinatorSettings holdingWhileLoading() {
        return new CoordinatorSettings(
                topic,
                nodeId,
                partitions,
                replicationFactor,
                topicConfigs,
                pendingMax,
                batchBytesMax,
                readBytesMax,
                appendTimeoutMs,
                true);
    }
}
