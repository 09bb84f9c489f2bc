package io.robustmq.core.meta;

/** A change of who votes on the metadata, one node at a time. */
public record QuorumChange(Kind kind, int node) {
    /** What becomes of the node. */
    public enum Kind {
        /** A node that follows the metadata votes from now on. */
        ADD_VOTER,
        /** A voter only follows the metadata from now on, whether it is alive or not. */
        REMOVE_VOTER,
        /** A node that has no vote is not told anything any more. */
        FORGET
    }
}
