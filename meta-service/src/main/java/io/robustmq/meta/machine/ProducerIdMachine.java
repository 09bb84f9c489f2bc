package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;

/** Hands out producer ids in blocks, none twice. Owned by the meta thread. */
final class ProducerIdMachine {
    static final int BLOCK = 1000;

    private final MetaState state;

    ProducerIdMachine(MetaState state) {
        this.state = state;
    }

    Decision<MetaFact, MetaReply> allocate(AllocateProducerIds command) {
        NodeImage node = state.node(command.nodeId());
        if (node == null || node.incarnationEpoch() != command.incarnationEpoch()) {
            return Answers.refuse(
                    BrokerError.STALE_INCARNATION,
                    "node " + command.nodeId() + " is not registered with incarnation " + command.incarnationEpoch());
        }
        long first = state.nextProducerId();
        return Decision.of(new ProducerIdsAllocated(first, BLOCK), new MetaReply.ProducerIds(first, BLOCK));
    }
}
