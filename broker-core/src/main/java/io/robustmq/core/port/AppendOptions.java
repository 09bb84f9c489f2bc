package io.robustmq.core.port;

/**
 * How to append.
 *
 * @param acks when to answer
 * @param origin who writes: clients, and nodes for clients, obey the topic's rules and cannot write control batches, but for a
 *     node's marker that fences its own former epochs
 * @param leaderEpoch refuse unless the partition is at this epoch; {@link #ANY_EPOCH} to take it as it is
 * @param timeoutMs how long to wait for replicas before answering REQUEST_TIMED_OUT; the append itself stands
 * @param verifiedAt where the log ended before the coordinator said that the producer's transaction includes the
 *     partition; {@link #NOT_VERIFIED} when it was not asked. Only the first batch of a transaction needs it: it is
 *     refused as TRANSACTION_NOT_VERIFIED without, as INVALID_TXN_STATE when the producer's transaction ended since, and as
 *     NOT_LEADER when an older one is open here, which ended elsewhere
 */
public record AppendOptions(Acks acks, Origin origin, int leaderEpoch, int timeoutMs, long verifiedAt) {
    public static final int ANY_EPOCH = -1;
    public static final long NOT_VERIFIED = -1;

    /** A client's durable append, as MQTT QoS 1 and 2 need. */
    public static final AppendOptions DURABLE = new AppendOptions(Acks.ALL, Origin.CLIENT, ANY_EPOCH, 30_000);

    public AppendOptions(Acks acks, Origin origin, int leaderEpoch, int timeoutMs) {
        this(acks, origin, leaderEpoch, timeoutMs, NOT_VERIFIED);
    }

    /** The same append, after the coordinator was asked. */
    public AppendOptions verifiedAt(long logEndOffset) {
        return new AppendOptions(acks, origin, leaderEpoch, timeoutMs, logEndOffset);
    }

    /** Who writes. */
    public enum Origin {
        CLIENT,
        /**
         * A node, for its clients, numbered by itself: where nothing is known of its producer id it begins at sequence 0. What
         * a client of Kafka begins with may be any number. It may write abort markers of producers without a transaction, such as
         * itself: nothing of an older epoch is taken after one, and its own epoch begins at sequence 0.
         */
        NODE,
        COORDINATOR,
        /**
         * Of transactions that end their producer's epoch: a marker must carry a newer epoch than what it ends, so that one
         * that comes late cannot end the next transaction (KIP-1228).
         */
        EPOCH_COORDINATOR;

        public boolean isClient() {
            return this == CLIENT || this == NODE;
        }
    }
}
