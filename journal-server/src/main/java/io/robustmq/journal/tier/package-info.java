/**
 * Segments in the object store: how they get there and are read back. Entry: {@link io.robustmq.journal.tier.NodeTier}. What is
 * there of which partition says the manifest ({@code io.robustmq.core.tier}); when something is due, the partition's shard.
 */
@NullMarked
package io.robustmq.journal.tier;

import org.jspecify.annotations.NullMarked;
