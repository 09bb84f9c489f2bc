package io.robustmq.server.replication;

/** How the replicas, or the decisions over them, are broken on purpose, to see that the simulation notices. */
public enum Fault {
    NONE,

    // ---- the leader

    /** The leader takes any position for the beginning of its own log. */
    EPOCHS_NOT_COMPARED,
    /** The leader acknowledges what only it has. */
    ACKNOWLEDGED_ALONE,
    /** A leader that is alone in sync, or asks to be, acknowledges what is not on its disk. */
    ALONE_IN_MEMORY,
    /** A leader asks to be alone in sync while what it acknowledged is not on its disk. */
    LEFT_ALONE_UNSYNCED,
    /** A leader that hears that it is one no more tells those who wait that their records are there. */
    DEPOSED_ACKNOWLEDGES,
    /** Who is to leave is not waited for any more, before the meta service has said so. */
    LEAVING_NOT_AWAITED,
    /** Who is to join is not waited for, before the meta service has said so. */
    JOINING_NOT_AWAITED,
    /** What followers had in an earlier epoch is counted in this one. */
    POSITIONS_OF_OTHER_EPOCHS,
    /** Who is alive is in sync. */
    JOINS_BEHIND,
    /** What the replicas in sync have is committed, however few they are. */
    COMMITTED_BY_TOO_FEW,
    /** Replicas that are asked for, and not granted yet, make up for those that are missing. */
    COUNTED_BEFORE_GRANTED,

    // ---- the follower

    /** A follower of a new epoch cuts its log at its high watermark, as Kafka did before KIP-101. */
    CUT_AT_HIGH_WATERMARK,
    /** A follower takes answers to what it asked long ago. */
    LATE_ANSWERS_TAKEN,
    /** A follower keeps what its leader does not have. */
    DIVERGENCE_KEPT,
    /** A follower believes the leader's high watermark beyond its own log. */
    HIGH_WATERMARK_BELIEVED,
    /** A node that lost the end of its log goes on as if it had not. */
    RESTARTED_UNNOTICED,
    /** A node acts on what was decided before what it has seen. */
    OLD_IMAGES_TAKEN,
    /** A node that may have lost the end of its log says that it has not. */
    RESTARTED_AS_IF_IN_ORDER,

    // ---- the meta service

    /** A change of the replicas in sync is made whatever became of the partition meanwhile. */
    IN_SYNC_NOT_COMPARED,
    /** A node that comes back is in sync at once. */
    RETURNED_IN_SYNC,
    /** Any replica that is alive leads when nobody else may. */
    UNCLEAN_ELECTION,
    /** The next leader leads in the epoch of the last. */
    EPOCH_USED_AGAIN,
    /** Whoever leaves the replicas in sync may not lead, however few are left. */
    ELIGIBLE_FORGOTTEN,
    /** Whoever may lead still may when what is committed grows again. */
    ELIGIBLE_FOR_EVER,
    /** The same, when that is because fewer are enough. */
    ELIGIBLE_WHEN_FEWER_ARE_ENOUGH
}
