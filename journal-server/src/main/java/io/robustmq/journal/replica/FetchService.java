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

    /** @param logs of this node's replicas; asked in any thread */
    public FetchService(Function<Partition, @Nullable ReplicaLog> logs, ReplicaThrottle throttle) {
        this.logs = logs;
        this.throttle = throttle;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new FetchConversation(logs, throttle, loop);
    }
}
