package io.robustmq.core.tier;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import java.util.Map;

/**
 * The manifests of all partitions, as far as this node leads them, and the way to those of other nodes. Start it after the
 * journal has subscribed to the meta log. Thread-safe.
 */
public final class TierService implements TierManifests, AutoCloseable {
    private static final int APPEND_TIMEOUT_MS = 5_000;
    private static final int BATCH_BYTES_MAX = 1 << 19;
    private static final int READ_BYTES_MAX = 1 << 20;
    private static final int PENDING_MAX = 10_000;

    private final int nodeId;
    private final MetaLog metaLog;
    private final CoordinatorService<TierCommand, TierFact, TierEffect> coordinators;
    private Cancellable subscription = Cancellable.NOTHING;
    private volatile TierPeers peers = TierPeers.NONE;

    public TierService(
            TierConfig config,
            int nodeId,
            Journal journal,
            MetaLog metaLog,
            LoopGroup loops,
            ByteBufAllocator allocator,
            TierObjects objects) {
        this.nodeId = nodeId;
        this.metaLog = metaLog;
        CoordinatorKind<TierCommand, TierFact, TierEffect> kind = new CoordinatorKind<>(
                partition -> new TierMachine(partition, config.deleteDelayMs()),
                new TierFactCodec(),
                new TierSink(objects, this::submitHere, this::checkTopics),
                TierCommand.Tick::new);
        this.coordinators =
                new CoordinatorService<>(settings(config, nodeId), kind, journal, metaLog, loops, allocator);
    }

    /** What it says lets logs be deleted, so it is on the disks of all replicas in sync before it counts. */
    private static CoordinatorSettings settings(TierConfig config, int nodeId) {
        return new CoordinatorSettings(
                        TopicName.SEGMENTS,
                        nodeId,
                        config.topicPartitions(),
                        config.topicReplicationFactor(),
                        Map.of("cleanup.policy", "compact", "segment.bytes", "104857600", "flush.messages", "1"),
                        PENDING_MAX,
                        BATCH_BYTES_MAX,
                        READ_BYTES_MAX,
                        APPEND_TIMEOUT_MS,
                        false)
                .holdingWhileLoading();
    }

    /** Reaches other nodes from now on. Before the start. */
    public void joinCluster(TierPeers others) {
        peers = others;
    }

    /** From now on leads what this node leads of {@code __segments}. Once. */
    public void start() {
        Cancellable leadership = metaLog.subscribe(coordinators);
        Cancellable topics = metaLog.subscribe(this::forgetDeletedTopics);
        subscription = () -> {
            leadership.cancel();
            topics.cancel();
        };
    }

    private void forgetDeletedTopics(MetaDelta delta, MetaImage image) {
        for (TopicId id : delta.topics()) {
            TopicImage topic = image.topic(id);
            if (topic == null || isTakenBack(topic)) {
                coordinators.submitToAll(() -> new TierCommand.ForgetDeleted(image));
                return;
            }
        }
    }

    /** Only with this may it have been stored before: whether it was, the manifest knows. */
    private static boolean isTakenBack(TopicImage topic) {
        return "true".equals(topic.configs().get(TopicSettings.REMOTE_LOG_DELETE_ON_DISABLE.name()))
                && !TopicSettings.isStored(topic.configs());
    }

    private void checkTopics(int manifestPartition) {
        coordinators.submitTo(manifestPartition, new TierCommand.ForgetDeleted(metaLog.image()));
    }

    /** Submits to the manifest of the partition, wherever it is. The topic is made when it is not there yet. */
    @Override
    public void submit(TierCommand.OfPartition command) {
        int manifestPartition = coordinators.partitionOf(command.partition().toString());
        int leader = metaLog.image().leaderOf(TopicName.SEGMENTS, manifestPartition);
        if (manifestPartition < 0 || leader == nodeId || leader == PartitionImage.NO_LEADER) {
            submitHere(command);
        } else {
            peers.submit(leader, command);
        }
    }

    /** Submits to the manifest of the partition, which is refused unless it is one of this node. */
    public void submitHere(TierCommand.OfPartition command) {
        coordinators.submit(command.partition().toString(), command);
    }

    @Override
    public void close() {
        subscription.cancel();
        coordinators.close();
    }
}
