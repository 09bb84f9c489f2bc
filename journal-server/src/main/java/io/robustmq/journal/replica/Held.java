package io.robustmq.journal.replica;

/** Which rates a replica that is not in sync is held to. */
public enum Held {
    NO,
    /** The topic lists it (KIP-73). */
    LISTED,
    /** It moves, and whoever moves it gave a rate. */
    MOVING,
    BOTH;

    public static Held by(boolean listed, boolean moving) {
        return listed ? (moving ? BOTH : LISTED) : (moving ? MOVING : NO);
    }

    boolean listed() {
        return this == LISTED || this == BOTH;
    }

    boolean moving() {
        return this == MOVING || this == BOTH;
    }
}
