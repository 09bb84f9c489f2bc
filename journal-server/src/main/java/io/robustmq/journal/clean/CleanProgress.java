package io.robustmq.journal.clean;

/**
 * How far a shard is compacted.
 *
 * @param cleanOffset no key has two records before it, tombstones and open transactions apart
 * @param nextHorizonMs when the first tombstone or marker before it may go; {@link Long#MAX_VALUE} for never
 */
public record CleanProgress(long cleanOffset, long nextHorizonMs) {
    public static final CleanProgress NONE = new CleanProgress(0, Long.MAX_VALUE);
}
