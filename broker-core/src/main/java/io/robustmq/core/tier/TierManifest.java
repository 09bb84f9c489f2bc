package io.robustmq.core.tier;

import java.util.List;

/**
 * What is in the store of a partition, without gaps and in order.
 *
 * @param term counts who has led: what an earlier one still sends is refused
 */
public record TierManifest(long term, List<TierSegment> segments) {
    public TierManifest {
        segments = List.copyOf(segments);
    }
}
