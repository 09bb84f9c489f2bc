package io.robustmq.kafka.memory;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.core.port.MetaQuorum;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Node 7 votes, node 2 may; does what it is asked. */
public final class MemoryQuorum implements MetaQuorum {
    private volatile QuorumImage quorum = new QuorumImage(Map.of(7, "seven:7"), Map.of(2, "two:2"), Map.of(7, 7L), 3);

    @Override
    public QuorumImage quorum() {
        return quorum;
    }

    @Override
    public CompletableFuture<MetaReply> change(QuorumChange change) {
        quorum = switch (change.kind()) {
            case ADD_VOTER -> new QuorumImage(Map.of(7, "seven:7", 2, "two:2"), Map.of(), Map.of(), 3);
            case REMOVE_VOTER, FORGET -> new QuorumImage(Map.of(7, "seven:7"), Map.of(2, "two:2"), Map.of(), 3);
        };
        return CompletableFuture.completedFuture(new MetaReply.Done());
    }

    @Override
    public CompletableFuture<MetaReply> removeNode(int node, boolean force) {
        return CompletableFuture.completedFuture(
                new MetaReply.Refused(BrokerError.INVALID_REQUEST, "node " + node + " is a voter"));
    }
}
