package io.robustmq.journal;

/** The part of a partition's image that a shard acts on; {@code inSyncReplicas} counts this node. */
record Standing(boolean leader, int epoch, int inSyncReplicas) {}
