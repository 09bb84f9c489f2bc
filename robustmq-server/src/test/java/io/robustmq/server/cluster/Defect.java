package io.robustmq.server.cluster;

/** How the coordinators, or what they stand on, are broken on purpose, to see that the simulation notices. */
enum Defect {
    NONE,

    /** Whoever waits is answered when the facts are written, before they are committed. */
    ANSWERED_BEFORE_COMMIT,
    /** What could not be appended counts as appended. */
    FAILURE_IGNORED,
    /** A coordinator appends in whatever epoch its partition is led by now. */
    EPOCH_NOT_CHECKED,
    /** The state is read up to what is known to be committed, not to where the log ends. */
    LOADED_TO_HIGH_WATERMARK,
    /** That something is gone is passed over when the state is read. */
    TOMBSTONES_SKIPPED,
    /** After an append that failed the state stays as it is, with what was not appended. */
    STATE_KEPT,
    /** A coordinator is sure to lead, however long it has been cut off. */
    SURE_ALTHOUGH_CUT_OFF,

    // ---- transactions

    /** A marker that a partition did not take counts as written. */
    MARKER_FAILURE_IGNORED,
    /** A marker of a transaction that ended long ago ends the next one. */
    LATE_MARKERS_TAKEN,
    /** That a partition is part of a transaction counts, whatever became of transaction and partition meanwhile. */
    VERIFIED_FOR_EVER,
    /** Offsets of a transaction that was aborted are committed. */
    ABORTED_OFFSETS_COMMITTED,
    /** That offsets of a transaction are decided is passed over when the state is read. */
    DECIDED_OFFSETS_PENDING,

    // ---- groups

    /** Generations are passed over when the state is read. */
    GENERATIONS_FORGOTTEN,

    // ---- share groups

    /** What is done with records is passed over when the state is read. */
    ACKNOWLEDGED_FORGOTTEN
}
