package io.robustmq.mqtt.share;

/** What a claim to a part in a subscription comes to. */
public enum Claimed {
    /** It has a part, and that will not be forgotten. */
    DONE,
    /** Another has the exclusive subscription. */
    TAKEN,
    /** Who deals is not ready, or somebody else by now: ask again. */
    AGAIN,
    /** It took too long to find out. */
    UNAVAILABLE
}
