package io.robustmq.core.tier;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import java.util.List;

/** What follows from a command. */
public sealed interface TierEffect {
    record Answer(TierRequester requester, TierManifest manifest) implements TierEffect {}

    record Refuse(TierRequester requester, BrokerError error) implements TierEffect {}

    /** Delete the objects, then say so. */
    record Delete(Partition partition, List<TierSegment> segments) implements TierEffect {}

    /** Delete all objects of the partition that were made up to the term, whatever the manifest says, then say so. */
    record Clear(Partition partition, long term) implements TierEffect {}

    /** Look whether topics were deleted while nobody was here. */
    record CheckTopics(int manifestPartition) implements TierEffect {}
}
