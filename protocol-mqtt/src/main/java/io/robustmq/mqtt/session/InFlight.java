package io.robustmq.mqtt.session;

import org.jspecify.annotations.Nullable;

/** An outgoing QoS 1 or 2 message that the client has not settled: where it is in the log, and how far its handshake is. */
public final class InFlight {
    /** How far the handshake is. */
    public enum State {
        /** PUBLISH was sent; PUBACK or PUBREC is owed by the client. */
        PUBLISHED,
        /** PUBREL was sent; PUBCOMP is owed by the client. */
        RELEASED
    }

    private final int packetId;
    private final PartitionLog log;
    private final long offset;
    private final int qos;
    private final @Nullable Object via;
    State state = State.PUBLISHED;
    /** Sent on an earlier connection and not yet on this one. */
    boolean owedAgain;

    @Nullable
    InFlight previous;

    @Nullable
    InFlight next;

    InFlight(int packetId, PartitionLog log, long offset, int qos, @Nullable Object via) {
        this.packetId = packetId;
        this.log = log;
        this.offset = offset;
        this.qos = qos;
        this.via = via;
    }

    public int packetId() {
        return packetId;
    }

    public PartitionLog log() {
        return log;
    }

    public long offset() {
        return offset;
    }

    public int qos() {
        return qos;
    }

    /** The share that the message came by; null for the session's own subscriptions. */
    public @Nullable Object via() {
        return via;
    }

    public State state() {
        return state;
    }

    public @Nullable InFlight next() {
        return next;
    }
}
