package io.robustmq.core.tier;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.Partition;
import java.util.List;

/** What can be asked of the manifest. */
public sealed interface TierCommand {
    default TierRequester requester() {
        return TierRequester.NOBODY;
    }

    /** Of one partition. */
    sealed interface OfPartition extends TierCommand {
        Partition partition();
    }

    /** By what right a leader changes the manifest: the answer to its Lead. */
    record Claim(int leaderEpoch, long term) {}

    /**
     * A leader begins, or begins anew: nothing that was sent before counts any more. Answered by all segments.
     *
     * @param imageIndex of the image that says so: in it the topic is there
     */
    record Lead(TierRequester requester, Partition partition, int leaderEpoch, long imageIndex)
            implements OfPartition {}

    /** Both objects are in the store. Answered by the segment. */
    record Commit(TierRequester requester, Partition partition, Claim claim, TierSegment segment)
            implements OfPartition {}

    /** Nobody reads below the offset any more. Answered by the segments that go; there may be more of them. */
    record Retire(TierRequester requester, Partition partition, Claim claim, long beforeOffset)
            implements OfPartition {}

    /** Answered by all segments. */
    record Describe(TierRequester requester, Partition partition) implements OfPartition {}

    /** The objects are deleted. */
    record Removed(Partition partition, List<Long> baseOffsets) implements OfPartition {}

    /** Nothing of a partition that is gone is in the store any more. */
    record Cleared(Partition partition, long term) implements OfPartition {}

    /** A deletion did not succeed: it is tried again. */
    record DeletionFailed(Partition partition, List<Long> baseOffsets) implements OfPartition {}

    /** Topics that the image does not have any more, or does not want to be stored any more. */
    record ForgetDeleted(MetaImage image) implements TierCommand {}

    /** The time has come that the Decider asked for. */
    record Tick() implements TierCommand {}
}
