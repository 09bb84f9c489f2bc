package io.robustmq.mqtt.limits;

import org.jspecify.annotations.Nullable;

/** What limits the messages of one connection: its own pace, its user's and its listener's. Owned by the connection's loop. */
public final class RateLimits {
    private final @Nullable Paces client;
    private final @Nullable Paces listener;
    private @Nullable Paces user;

    /**
     * Of a connection whose user is not known yet.
     *
     * @param listener null when it is not limited
     */
    public RateLimits(Paces.Rates client, @Nullable Paces listener, long nowNanos) {
        this.client = client.isUnlimited() ? null : new Paces(client, nowNanos);
        this.listener = listener;
    }

    public void user(@Nullable Paces paces) {
        user = paces;
    }

    public boolean isUnlimited() {
        return client == null && listener == null && user == null;
    }

    /** A message came; how many milliseconds the connection is not to be read. */
    public long take(int messageBytes, long nowNanos) {
        long waitNanos = take(client, messageBytes, nowNanos);
        waitNanos = Math.max(waitNanos, take(user, messageBytes, nowNanos));
        waitNanos = Math.max(waitNanos, take(listener, messageBytes, nowNanos));
        return (waitNanos + 999_999) / 1_000_000;
    }

    private static long take(@Nullable Paces paces, int messageBytes, long nowNanos) {
        return paces == null ? 0 : paces.take(messageBytes, nowNanos);
    }
}
