/**
 * Apache Ratis behind two small interfaces: entries go in as bytes through {@link io.robustmq.meta.raft.RaftLogService}, and
 * come out committed, in order, at an {@link io.robustmq.meta.raft.EntryApplier}. Ratis' threads stay in here.
 */
@NullMarked
package io.robustmq.meta.raft;

import org.jspecify.annotations.NullMarked;
