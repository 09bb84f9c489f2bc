/**
 * How nodes copy logs from each other: followers ask, one conversation per pair of nodes for all their partitions. Entry
 * classes are {@link io.robustmq.journal.replica.ReplicaFetcher}, which asks, and
 * {@link io.robustmq.journal.replica.FetchService}, which answers.
 */
@NullMarked
package io.robustmq.journal.replica;

import org.jspecify.annotations.NullMarked;
