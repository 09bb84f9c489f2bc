package io.robustmq.core.coordinator;

/**
 * The entry to a kind of coordinator: keys are spread over the partitions of its internal topic, each partition's Decider
 * runs where the partition is led. Thread-safe.
 */
public interface Coordinator<C> {
    /** Decides the command after all that were submitted for the same key before it; answers come through the EffectSink. */
    void submit(String key, C command);

    /** The partition of the internal topic that {@code key} belongs to; -1 while the topic does not exist. */
    int partitionOf(String key);
}
