package io.robustmq.journal.replica;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers the fetches of other nodes. Stateless; each connection has a {@link FetchConversation}. */
public final class FetchService implements NodeLink.Service {
    private final Function<Partition, @Nullable ReplicaLog> logs;
    private final ReplicaThrottle throttle;
    private final long paceMs;

    /**
     * @param logs of this node's replicas; asked in any thread
     * @param paceMs how long after an answer what comes is gathered for the next one
     */
    public FetchService(Function<Partition, @Nullable ReplicaLog> logs, ReplicaThrottle throttle, long paceMs) {
        this.logs = logs;
        this.throttle = throttle;
        this.paceMs = paceMs;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new FetchConversation(logs, throttle, paceMs, loop);
    }
}
