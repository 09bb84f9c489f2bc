package io.robustmq.core.txn;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The coordinators of all transactional ids that this node leads. Start it after the journal has subscribed to the meta
 * log. Thread-safe.
 */
public final class TxnService implements Coordinator<TxnCommand>, AutoCloseable {
    private static final int APPEND_TIMEOUT_MS = 5_000;
    private static final int BATCH_BYTES_MAX = 1 << 19;
    private static final int MESSAGE_BYTES_MAX = 4 << 20;
    private static final int READ_BYTES_MAX = 1 << 20;

    private final MetaLog metaLog;
    private final MarkerWriter markers;
    private final CoordinatorService<TxnCommand, TxnFact, TxnEffect> coordinators;
    private Cancellable subscription = Cancellable.NOTHING;
    private final int nodeId;
    private volatile TxnPeers peers = TxnPeers.NONE;

    public TxnService(
            TxnConfig config,
            int nodeId,
            Journal journal,
            GroupService groups,
            MetaLog metaLog,
            LoopGroup loops,
            ByteBufAllocator allocator) {
        this.nodeId = nodeId;
        this.metaLog = metaLog;
        this.markers = new MarkerWriter(nodeId, journal, groups, metaLog, loops, allocator);
        CoordinatorKind<TxnCommand, TxnFact, TxnEffect> kind = new CoordinatorKind<>(
                partition -> new TxnMachine(config),
                new TxnFactCodec(),
                new TxnSink(markers, this),
                TxnCommand.Tick::new);
        this.coordinators =
                new CoordinatorService<>(settings(config, nodeId), kind, journal, metaLog, loops, allocator);
    }

    /** Reaches other nodes from now on. Before the start. */
    public void joinCluster(TxnPeers others) {
        peers = others;
        markers.joinCluster(others);
    }

    private static CoordinatorSettings settings(TxnConfig config, int nodeId) {
        return new CoordinatorSettings(
                TopicName.TRANSACTION_STATE,
                nodeId,
                config.topicPartitions(),
                config.topicReplicationFactor(),
                Map.of(
                        "cleanup.policy", "compact",
                        "segment.bytes", "104857600",
                        "max.message.bytes", Integer.toString(MESSAGE_BYTES_MAX)),
                config.pendingMax(),
                BATCH_BYTES_MAX,
                READ_BYTES_MAX,
                APPEND_TIMEOUT_MS,
                false);
    }

    /** From now on leads the transactional ids of the partitions that this node leads. Once. */
    public void start() {
        subscription = metaLog.subscribe(coordinators);
    }

    @Override
    public void submit(String transactionalId, TxnCommand command) {
        coordinators.submit(transactionalId, command);
    }

    /**
     * As {@link #submit}, wherever the coordinator is: for partitions, which ask whether they belong to a transaction. An
     * AddPartitions or a VerifyPartitions.
     */
    public void submitAnywhere(String transactionalId, TxnCommand command) {
        int leader = metaLog.image().leaderOf(TopicName.TRANSACTION_STATE, partitionOf(transactionalId));
        if (leader == nodeId || leader == PartitionImage.NO_LEADER) {
            submit(transactionalId, command);
        } else {
            peers.submit(leader, transactionalId, command);
        }
    }

    /** Whether this node has heard of all these partitions. */
    public boolean knows(Set<TxnPartition> partitions) {
        MetaImage image = metaLog.image();
        return partitions.stream().allMatch(partition -> {
            TopicImage topic = image.topic(partition.topic());
            return topic != null && partition.partition() < topic.partitions().size();
        });
    }

    @Override
    public int partitionOf(String transactionalId) {
        return coordinators.partitionOf(transactionalId);
    }

    /** Partitions of {@code __transaction_state} that this node leads, loaded or not. */
    public Set<Integer> partitionsLed() {
        return coordinators.partitionsLed();
    }

    /** Submits a command that concerns all transactional ids of a partition. */
    public void submitTo(int partition, TxnCommand command) {
        coordinators.submitTo(partition, command);
    }

    /** Creates {@code __transaction_state} unless it exists; see {@link CoordinatorService#ensureTopic}. */
    public CompletableFuture<Integer> ensureTopic() {
        return coordinators.ensureTopic();
    }

    /** For an operator who ends a transaction by hand. */
    public MarkerWriter markers() {
        return markers;
    }

    @Override
    public void close() {
        subscription.cancel();
        coordinators.close();
    }
}
