package io.robustmq.server.replication;

/** How the replicas are broken on purpose, to see that the simulation notices. */
enum Fault {
    NONE,
    /** The leader takes any position for the beginning of its own log. */
    EPOCHS_NOT_COMPARED,
    /** A follower of a new epoch cuts its log at its high watermark, as Kafka did before KIP-101. */
    CUT_AT_HIGH_WATERMARK,
    /** The leader acknowledges what only it has. */
    ACKNOWLEDGED_ALONE,
    /** A leader that is alone in sync, or asks to be, acknowledges what is not on its disk. */
    ALONE_IN_MEMORY,
    /** A node that lost the end of its log goes on as if it had not. */
    RESTARTED_UNNOTICED
}
