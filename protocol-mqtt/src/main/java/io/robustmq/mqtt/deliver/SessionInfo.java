package io.robustmq.mqtt.deliver;

import java.util.Comparator;
import java.util.List;

/**
 * A session at one moment, for operators. Immutable.
 *
 * @param user who is connected, or was last
 * @param persistent it outlives its connection
 * @param expirySeconds how long it does; {@link Sessions#NEVER} for ever
 * @param inFlight messages sent and not acknowledged
 * @param window how many these may be
 * @param queued messages it is behind with
 * @param unreleased QoS 2 messages that it published and has not released
 */
public record SessionInfo(
        String clientId,
        String user,
        boolean persistent,
        long expirySeconds,
        List<SubscriptionInfo> subscriptions,
        int inFlight,
        int window,
        int queued,
        long queuedBytes,
        int unreleased,
        Link link) {
    /** Those that are behind with most, first. */
    static final Comparator<SessionInfo> SLOWEST = Comparator.<SessionInfo>comparingInt(s -> s.queued + s.inFlight)
            .reversed()
            .thenComparing(SessionInfo::clientId);

    static final Comparator<SessionInfo> BY_CLIENT = Comparator.comparing(SessionInfo::clientId);

    public SessionInfo {
        subscriptions = List.copyOf(subscriptions);
    }

    /**
     * Its connection.
     *
     * @param connected false: the rest says nothing
     * @param version the byte in CONNECT
     */
    public record Link(boolean connected, String address, int version, int keepAliveSeconds, long sinceMs) {
        public static final Link NONE = new Link(false, "", 0, 0, 0);
    }

    /** One of its subscriptions. */
    public record SubscriptionInfo(String filter, int qos, boolean noLocal, boolean retainAsPublished, int id) {}

    /**
     * Which sessions are wanted.
     *
     * @param clientId only this one; empty for all
     * @param after client ids behind this one, in their order; means nothing with {@code slowest}
     * @param connectedOnly those with a connection
     * @param slowest those that are behind with most, the worst first
     */
    public record Query(String clientId, String after, int max, boolean connectedOnly, boolean slowest) {}
}
