package io.robustmq.mqtt.share;

/** What a home tells the node that deals, in order. */
public sealed interface Word {
    /** The session has a connection, or none any more, or another window. */
    record Changed(SeatState state) implements Word {}

    /** Its subscription has ended; what it still holds is no business of others. */
    record Gone(String share, String clientId) implements Word {}

    /** It needs these no more. */
    record Settled(String share, String clientId, Holding what) implements Word {}

    /** It has not settled these, and will not: they are for others. */
    record Returned(String share, String clientId, Holding what) implements Word {}
}
