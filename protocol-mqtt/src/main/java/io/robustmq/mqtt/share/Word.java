package io.robustmq.mqtt.share;

import org.jspecify.annotations.Nullable;

/** What a home tells the node that deals, in order. */
public sealed interface Word {
    /** The session has a connection, or none any more, or another window. */
    record Changed(SeatState state) implements Word {}

    /**
     * Its subscription has ended.
     *
     * @param kept what was dealt to it and is no business of others; null if the home is of a version that does not say: all
     */
    record Gone(String share, String clientId, @Nullable Holding kept) implements Word {}

    /** It needs these no more. */
    record Settled(String share, String clientId, Holding what) implements Word {}

    /** It has not settled these, and will not: they are for others. */
    record Returned(String share, String clientId, Holding what) implements Word {}
}
