package io.robustmq.core.txn;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import java.util.function.BiConsumer;

/** The coordinators and partitions of other nodes. Thread-safe. */
public interface TxnPeers {
    /** Of a node alone. */
    TxnPeers NONE = new TxnPeers() {
        @Override
        public void mark(int node, MarkerOrder order, Loop loop, BiConsumer<TxnPartition, BrokerError> reply) {
            order.partitions()
                    .forEach(partition -> loop.run(() -> reply.accept(partition, BrokerError.LEADER_NOT_AVAILABLE)));
        }

        @Override
        public void submit(int node, String transactionalId, TxnCommand command) {
            command.requester().refuse(BrokerError.COORDINATOR_NOT_AVAILABLE);
        }
    };

    /** Has {@code node} write the markers. {@code reply} is told of each partition once, in {@code loop}. */
    void mark(int node, MarkerOrder order, Loop loop, BiConsumer<TxnPartition, BrokerError> reply);

    /** Submits an AddPartitions or a VerifyPartitions to a coordinator of {@code node}; refused when no answer comes. */
    void submit(int node, String transactionalId, TxnCommand command);
}
