/**
 * What compaction decides: which segments, and what stays of each batch. Pure; used by the disk thread that compacts a shard.
 * Entry: {@link io.robustmq.journal.clean.CleanPlanner}, {@link io.robustmq.journal.clean.BatchCleaner}.
 */
@NullMarked
package io.robustmq.journal.clean;

import org.jspecify.annotations.NullMarked;
