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
    STATE_KEPT
}
