package io.robustmq.server.cluster;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.session.SessionCodec;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionFact;
import io.robustmq.core.session.SessionMachine;
import io.robustmq.core.share.ShareConfig;
import io.robustmq.core.share.ShareService;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.core.txn.TxnService;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** The coordinators of a node's process, wired as the product wires them. */
final class NodeServices {
    private static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

    private static final TxnConfig TXN =
            TxnConfig.from(new Configuration(TxnConfig.keys(), Map.of(TxnConfig.MARKER_RETRY_MS.name(), "50")));
    private static final GroupConfig GROUP = GroupConfig.from(new Configuration(
            GroupConfig.keys(),
            Map.of(
                    GroupConfig.SESSION_TIMEOUT_MIN_MS.name(), "100",
                    GroupConfig.INITIAL_REBALANCE_DELAY_MS.name(), "100")));

    private static final ShareConfig SHARE = ShareConfig.from(new Configuration(ShareConfig.keys(), Map.of()));

    final int nodeId;
    final SimJournal real;
    final SessionDesk sessions;
    final GroupService groups;
    final TxnService txns;
    final ProducerDesk producers;
    final ShareService shares;
    final ShareDesk shareDesk;

    NodeServices(SimNode node, SimJournal real, SimMetaLog metaLog) {
        Defect defect = node.cluster.defect;
        this.nodeId = node.id;
        this.real = real;
        BrokenJournal journal = new BrokenJournal(real, defect);
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
        this.groups = new GroupService(GROUP, node.id, journal, metaLog, node, ALLOCATOR);
        groups.start();
        this.txns = new TxnService(TXN, node.id, journal, groups, metaLog, node, ALLOCATOR);
        txns.joinCluster(new SimTxnPeers(node));
        txns.start();
        this.producers = new ProducerDesk(node, this);
        this.shares = new ShareService(SHARE, node.id, journal, metaLog, node, ALLOCATOR);
        shares.joinCluster(new SimSharePeers(node));
        shares.start();
        this.shareDesk = new ShareDesk(this);
    }

    private static IntFunction<Decider<SessionCommand, SessionFact, SessionEffect>> sessionMachines(Defect defect) {
        Map<Integer, Decider<SessionCommand, SessionFact, SessionEffect>> kept = new HashMap<>();
        return partition -> defect == Defect.STATE_KEPT
                ? kept.computeIfAbsent(partition, SessionMachine::new)
                : new SessionMachine(partition);
    }
}
