package io.robustmq.core.tier;

import io.robustmq.core.error.BrokerError;

/** Takes commands to other nodes' manifests. */
@FunctionalInterface
public interface TierPeers {
    /** There are no other nodes. */
    TierPeers NONE = (node, command) -> command.requester().refuse(BrokerError.NOT_COORDINATOR);

    void submit(int node, TierCommand.OfPartition command);
}
