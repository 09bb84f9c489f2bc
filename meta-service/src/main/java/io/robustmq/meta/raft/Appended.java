package io.robustmq.meta.raft;

/**
 * An entry that was committed.
 *
 * @param applied whether it changed the state; see EntryApplier
 */
public record Appended(long index, boolean applied) {}
