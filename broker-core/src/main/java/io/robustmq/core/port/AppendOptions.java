package io.robustmq.core.port;

/**
 * How to append.
 *
 * @param acks when to answer
 * @param origin who writes: clients obey the topic's rules and cannot write control batches
 * @param leaderEpoch refuse unless the partition is at this epoch; {@link #ANY_EPOCH} to take it as it is
 * @param timeoutMs how long to wait for replicas before answering REQUEST_TIMED_OUT; the append itself stands
 */
public record AppendOptions(Acks acks, Origin origin, int leaderEpoch, int timeoutMs) {
    public static final int ANY_EPOCH = -1;

    /** A client's durable append, as MQTT QoS 1 and 2 need. */
    public static final AppendOptions DURABLE = new AppendOptions(Acks.ALL, Origin.CLIENT, ANY_EPOCH, 30_000);

    /** Who writes. */
    public enum Origin {
        CLIENT,
        COORDINATOR
    }
}
