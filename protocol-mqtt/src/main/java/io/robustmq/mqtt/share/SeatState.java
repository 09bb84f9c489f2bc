package io.robustmq.mqtt.share;

import io.robustmq.core.model.Principal;
import org.jspecify.annotations.Nullable;

/**
 * One session's part in a subscription that belongs to several clients, as its home knows it.
 *
 * @param share the subscription as clients send it
 * @param node the session's home
 * @param partition the session's partition of sessions
 * @param epoch in which the home leads it
 * @param persistent whether the session outlives its connection
 * @param live whether it has one
 * @param window how many messages may be unsettled
 * @param principal whose connection it is, or was last; null if it had none since it came from storage
 */
public record SeatState(
        String share,
        String clientId,
        int node,
        int partition,
        int epoch,
        boolean persistent,
        boolean live,
        int window,
        @Nullable Principal principal) {
    /** It is to be dealt nothing yet. */
    public SeatState waiting() {
        return new SeatState(share, clientId, node, partition, epoch, persistent, false, window, principal);
    }
}
