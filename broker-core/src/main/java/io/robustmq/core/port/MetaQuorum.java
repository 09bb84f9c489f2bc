package io.robustmq.core.port;

import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import java.util.concurrent.CompletableFuture;

/** Who votes on the metadata. Thread-safe. */
public interface MetaQuorum {
    /** As this node knows it; empty before it runs. */
    QuorumImage quorum();

    /** Answers, in any thread, when the change is committed. Refusals are replies; the future does not fail. */
    CompletableFuture<MetaReply> change(QuorumChange change);

    /** Forgets a node that is gone for good, as {@code MetaCommand.UnregisterNode} says; it must have no vote. */
    CompletableFuture<MetaReply> removeNode(int node, boolean force);
}
