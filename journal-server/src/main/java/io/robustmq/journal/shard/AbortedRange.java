package io.robustmq.journal.shard;

/**
 * A transaction that was aborted, as the index keeps it.
 *
 * @param lastOffset where its marker is
 * @param stableOffset no transaction that ends behind the marker began below it
 */
public record AbortedRange(long producerId, long firstOffset, long lastOffset, long stableOffset) {
    public static final int BYTES = 4 * Long.BYTES;
}
