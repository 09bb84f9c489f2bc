package io.robustmq.core.tier;

import io.robustmq.core.model.Partition;

/** What is kept in {@code __segments}; the newest of each key counts. */
public sealed interface TierFact {
    long NEVER = -1;

    Partition partition();

    /**
     * Who may change the partition's manifest.
     *
     * @param goneAtMs when the topic was found to be deleted, or taken back, {@link #NEVER} while it is there; in the future for one
     *     that was cleared and will be once more
     */
    record Led(Partition partition, int leaderEpoch, long term, long imageIndex, long goneAtMs) implements TierFact {}

    /**
     * It is in the store.
     *
     * @param retiredAtMs since when nobody may read it, {@link #NEVER} while it is read
     */
    record Stored(Partition partition, TierSegment segment, long retiredAtMs) implements TierFact {}

    /** Its objects are deleted. */
    record Dropped(Partition partition, long baseOffset) implements TierFact {}

    /** Nothing is known of the partition any more. */
    record Forgotten(Partition partition) implements TierFact {}
}
