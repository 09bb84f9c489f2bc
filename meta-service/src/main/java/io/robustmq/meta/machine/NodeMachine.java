package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;

/** Who belongs to the cluster. Owned by the meta thread. */
final class NodeMachine {
    private final MetaState state;

    NodeMachine(MetaState state) {
        this.state = state;
    }

    /** Every registration is a new incarnation, even with nothing else changed: the process before it may still run. */
    Decision<MetaFact, MetaReply> register(RegisterNode command) {
        if (command.nodeId() < 0) {
            return Answers.refuse(BrokerError.INVALID_REQUEST, "node id " + command.nodeId() + " is negative");
        }
        NodeImage known = state.node(command.nodeId());
        long epoch = known == null ? 1 : known.incarnationEpoch() + 1;
        return Decision.of(
                new NodeRegistered(command.nodeId(), epoch, command.rack(), command.endpoints()),
                new MetaReply.Registered(epoch));
    }
}
