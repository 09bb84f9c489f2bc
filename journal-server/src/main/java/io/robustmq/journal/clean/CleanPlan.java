package io.robustmq.journal.clean;

/**
 * What one compaction of a shard is about: the first {@code segments}, which end at {@code endOffset}.
 *
 * @param dirtyOffset keys are taken from here on
 */
public record CleanPlan(int segments, long dirtyOffset, long endOffset, String reason) {}
