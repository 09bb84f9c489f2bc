package io.robustmq.server.cluster;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.session.SessionCodec;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionFact;
import io.robustmq.core.session.SessionMachine;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** The coordinators of a node's process, wired as the product wires them. */
final class NodeServices {
    private static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

    final SessionDesk sessions;
    final BrokenJournal journal;

    NodeServices(SimNode node, SimJournal real, SimMetaLog metaLog) {
        Defect defect = node.cluster.defect;
        this.journal = new BrokenJournal(real, defect);
        this.sessions = new SessionDesk(node.loops().get(0), node.cluster.sessions);
        CoordinatorService<SessionCommand, SessionFact, SessionEffect> service = new CoordinatorService<>(
                CoordinatorSettings.compacted(TopicName.MQTT_SESSIONS, node.id, SimCluster.SESSION_PARTITIONS)
                        .holdingWhileLoading(),
                new CoordinatorKind<>(sessionMachines(defect), new SessionCodec(), sessions, SessionCommand.Tick::new),
                journal,
                metaLog,
                node,
                ALLOCATOR);
        sessions.connect(service);
        metaLog.subscribe(service);
    }

    private static IntFunction<Decider<SessionCommand, SessionFact, SessionEffect>> sessionMachines(Defect defect) {
        Map<Integer, Decider<SessionCommand, SessionFact, SessionEffect>> kept = new HashMap<>();
        return partition -> defect == Defect.STATE_KEPT
                ? kept.computeIfAbsent(partition, SessionMachine::new)
                : new SessionMachine(partition);
    }
}
