package io.robustmq.core.session;

import io.robustmq.core.model.Partition;

/** What happened to a session. Facts about one thing replace each other in the compacted topic. */
public sealed interface SessionFact {
    String clientId();

    /** The session exists. {@code parkedAtMs} is 0 while it is connected. */
    record SessionStarted(String clientId, long expirySeconds, long parkedAtMs) implements SessionFact {}

    /** The session is over; facts that remove its parts come first. */
    record SessionEnded(String clientId) implements SessionFact {}

    /** It subscribes. */
    record SubscriptionAdded(String clientId, StoredSubscription subscription) implements SessionFact {}

    /** It no longer subscribes. */
    record SubscriptionRemoved(String clientId, String filter) implements SessionFact {}

    /** Everything before the offset is settled. */
    record PositionMoved(String clientId, Partition partition, long offset) implements SessionFact {}

    /** Nothing is remembered of the partition. */
    record PositionForgotten(String clientId, Partition partition) implements SessionFact {}
}
