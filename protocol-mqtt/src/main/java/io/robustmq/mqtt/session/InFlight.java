package io.robustmq.mqtt.session;

import org.jspecify.annotations.Nullable;

/** An outgoing QoS 1 or 2 message that the client has not settled: where it is in the log, and how far its handshake is. */
public final class InFlight {
    /** How far the handshake is. */
    public enum State {
        /** Will be sent once the handshake is stored. */
        STORING,
        /** PUBLISH was sent; PUBACK or PUBREC is owed by the client. */
        PUBLISHED,
        /** PUBREC came; PUBREL will be sent once that is stored. */
        RELEASING,
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

    /** When it was published; 0 if that is long ago and nobody asks. */
    private long publishedAtMs;

    private boolean stored;
    private boolean old;

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

    public InFlight publishedAt(long ms) {
        publishedAtMs = ms;
        return this;
    }

    public long publishedAtMs() {
        return publishedAtMs;
    }

    /** It must not be sent before it is {@link #stored}. */
    public void storing() {
        state = State.STORING;
    }

    /** It survives a crash now. */
    public void stored() {
        stored = true;
        if (state == State.STORING) {
            state = State.PUBLISHED;
        }
    }

    public boolean isStored() {
        return stored;
    }

    /** PUBREL must not be sent before it is {@link #released}. */
    public void releasing() {
        state = State.RELEASING;
    }

    public void released() {
        state = State.RELEASED;
    }

    /** Whether it was not sent on this connection since it was resumed. */
    public boolean isOwedAgain() {
        return owedAgain;
    }

    /** True from the second call on: it was unsettled for a while. */
    public boolean grewOld() {
        boolean before = old;
        old = true;
        return before;
    }

    public @Nullable InFlight next() {
        return next;
    }
}
