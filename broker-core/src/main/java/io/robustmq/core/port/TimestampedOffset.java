package io.robustmq.core.port;

import io.robustmq.core.error.BrokerError;

/** A record's place in time. {@link #NONE} when no record answers the question; with an error when that is not known. */
public record TimestampedOffset(BrokerError error, long timestampMs, long offset, int leaderEpoch) {
    public static final TimestampedOffset NONE = new TimestampedOffset(-1, -1, -1);

    public TimestampedOffset(long timestampMs, long offset, int leaderEpoch) {
        this(BrokerError.NONE, timestampMs, offset, leaderEpoch);
    }

    /** Whether there is such a record is not known. */
    public static TimestampedOffset refused(BrokerError error) {
        return new TimestampedOffset(error, -1, -1, -1);
    }
}
