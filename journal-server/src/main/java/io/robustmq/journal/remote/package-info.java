/**
 * The log as one, wherever a partition is led: reads what this node has, appends at the leader. Each {@link
 * io.robustmq.journal.remote.PartitionWriter} is owned by its loop. Entry classes are {@link
 * io.robustmq.journal.remote.ClusterJournal}, which asks, and {@link io.robustmq.journal.remote.AppendService}, which answers.
 */
@NullMarked
package io.robustmq.journal.remote;

import org.jspecify.annotations.NullMarked;
