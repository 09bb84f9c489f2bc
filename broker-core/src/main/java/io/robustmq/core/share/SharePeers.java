package io.robustmq.core.share;

import io.robustmq.core.error.BrokerError;
import java.util.function.Consumer;

/** The coordinators of other nodes. Thread-safe. */
public interface SharePeers {
    /** Of a node alone. */
    SharePeers NONE = new SharePeers() {
        @Override
        public void submit(int node, int partition, ShareCommand command) {
            command.requester().refuse(BrokerError.COORDINATOR_NOT_AVAILABLE);
        }

        @Override
        public void checkGroup(int node, String groupId, Consumer<BrokerError> reply) {
            reply.accept(BrokerError.COORDINATOR_NOT_AVAILABLE);
        }
    };

    /**
     * Submits to the coordinator of {@code partition} of {@code __share_group_state}, which {@code node} leads, after all that
     * were submitted to that node before. Refused when no answer comes. The waiter of an Acquire is run as by a coordinator
     * of this node, and when the other node is lost.
     */
    void submit(int node, int partition, ShareCommand command);

    /** Asks {@code node}, which leads the group, whether there is such a share group; {@code reply} is told in any thread. */
    void checkGroup(int node, String groupId, Consumer<BrokerError> reply);
}
