package io.robustmq.core.share;

/** What the coordinator does to the outside. */
public sealed interface ShareEffect {
    /** Tells someone who waits. */
    record Answer(ShareRequester requester, ShareReply reply) implements ShareEffect {}

    /** There may be something for who waits for records. */
    record Wake(Runnable waiter) implements ShareEffect {}
}
