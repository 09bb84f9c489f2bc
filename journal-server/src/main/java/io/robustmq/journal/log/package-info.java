/**
 * A shard's bytes: segments, indexes and side files over a SegmentStore. Written by the shard's loop, read by any thread
 * through {@link io.robustmq.journal.log.ShardView}. Entry: {@link io.robustmq.journal.log.SegmentedLog}.
 */
@NullMarked
package io.robustmq.journal.log;

import org.jspecify.annotations.NullMarked;
