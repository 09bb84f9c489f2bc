package io.robustmq.core.share;

import io.robustmq.core.error.BrokerError;

/** What the coordinator does to the outside. */
public sealed interface ShareEffect {
    /** Tells someone who waits. */
    record Answer(ShareRequester requester, ShareReply reply) implements ShareEffect {}

    /** Tells someone who waits that nothing happened. */
    record Refuse(ShareRequester requester, BrokerError error) implements ShareEffect {}

    /**
     * The group has given up records. Answered by the command Archive.
     *
     * @param deliveries how often each was delivered
     * @param rejected a member said so; where this is not known, the deliveries tell
     */
    record WriteDeadLetters(ShareKey key, long first, long last, int deliveries, boolean rejected)
            implements ShareEffect {}

    /** What of this partition of {@code __share_group_state} belongs to topics that are gone can be forgotten. */
    record CheckTopics(int statePartition) implements ShareEffect {}

    /** There may be something for who waits for records. */
    record Wake(Runnable waiter) implements ShareEffect {}
}
