package io.robustmq.core.tier;

/** Takes commands to the manifest of their partition, wherever that is kept. Any thread. */
@FunctionalInterface
public interface TierManifests {
    void submit(TierCommand.OfPartition command);
}
