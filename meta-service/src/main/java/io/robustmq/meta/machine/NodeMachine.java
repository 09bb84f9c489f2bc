package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import java.util.ArrayList;
import java.util.List;

/** Who belongs to the cluster. Owned by the meta thread. */
final class NodeMachine {
    private final MetaState state;
    private final ReplicaMachine replicas;

    NodeMachine(MetaState state, ReplicaMachine replicas) {
        this.state = state;
        this.replicas = replicas;
    }

    /**
     * Every registration is a new incarnation, even with nothing else changed: the process before it may still run. So the
     * node leaves the replicas in sync before it is alive again, and where it may have lost something is not eligible either.
     */
    Decision<MetaFact, MetaReply> register(RegisterNode command) {
        int id = command.nodeId();
        if (id < 0) {
            return Answers.refuse(BrokerError.INVALID_REQUEST, "node id " + id + " is negative");
        }
        NodeImage known = state.node(id);
        List<MetaFact> left = known == null ? List.of() : replicas.shared(id, isSound(command, known));
        if (known != null && left.size() > ReplicaMachine.FACTS_MAX) {
            List<MetaFact> begun = new ArrayList<>();
            if (!known.fenced()) {
                begun.add(new NodeFenced(id, known.incarnationEpoch()));
            }
            begun.addAll(left.subList(0, ReplicaMachine.FACTS_MAX));
            MetaReply later = new MetaReply.Refused(
                    BrokerError.OVERLOADED, "what node " + id + " led is being handed over; register again");
            return new Decision<>(begun, List.of(later));
        }
        long epoch = known == null ? 1 : known.incarnationEpoch() + 1;
        List<MetaFact> facts = new ArrayList<>();
        facts.add(new NodeRegistered(id, epoch, command.rack(), command.endpoints()));
        facts.addAll(replicas.returned(id, known != null && isSound(command, known)));
        return new Decision<>(facts, List.of(new MetaReply.Registered(epoch)));
    }

    private static boolean isSound(RegisterNode command, NodeImage known) {
        return command.previous() == known.incarnationEpoch();
    }

    Decision<MetaFact, MetaReply> fence(FenceNode command) {
        NodeImage known = state.node(command.nodeId());
        if (known == null || known.fenced() || known.incarnationEpoch() != command.incarnationEpoch()) {
            return Answers.done(List.of(), false);
        }
        List<MetaFact> facts = new ArrayList<>();
        facts.add(new NodeFenced(command.nodeId(), command.incarnationEpoch()));
        List<MetaFact> left = replicas.left(command.nodeId());
        facts.addAll(left.subList(0, Math.min(left.size(), ReplicaMachine.FACTS_MAX)));
        return Answers.done(facts, false);
    }
}
