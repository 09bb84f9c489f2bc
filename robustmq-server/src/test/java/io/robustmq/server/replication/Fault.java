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
    RESTARTED_UNNOTICED,
    /** Whoever leaves the replicas in sync may not lead, however few are left. */
    ELIGIBLE_FORGOTTEN,
    /** A node that may have lost the end of its log says that it has not. */
    RESTARTED_AS_IF_IN_ORDER,
    /** What the replicas in sync have is committed, however few they are. */
    COMMITTED_BY_TOO_FEW,
    /** Whoever may lead still may when what is committed grows again. */
    ELIGIBLE_FOR_EVER,
    /** The same, when that is because fewer are enough. */
    ELIGIBLE_WHEN_FEWER_ARE_ENOUGH,
    /** Replicas that are asked for, and not granted yet, make up for those that are missing. */
    COUNTED_BEFORE_GRANTED,
    /** Any replica that is alive leads when nobody else may. */
    UNCLEAN_ELECTION
}
