package io.robustmq.meta.raft;

import io.robustmq.core.meta.QuorumImage;
import java.util.Set;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * What a node says of its cluster to one that looks for it.
 *
 * @param registered nodes that the cluster has known
 */
record Found(RaftGroupId groupId, QuorumImage quorum, Set<Integer> registered) {
    Found {
        registered = Set.copyOf(registered);
    }
}
