package io.robustmq.core.port;

/** A record's place in time. {@link #NONE} when no record answers the question. */
public record TimestampedOffset(long timestampMs, long offset, int leaderEpoch) {
    public static final TimestampedOffset NONE = new TimestampedOffset(-1, -1, -1);
}
