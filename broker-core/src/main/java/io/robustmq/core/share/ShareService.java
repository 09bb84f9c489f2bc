package io.robustmq.core.share;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.deadletter.DeadLetterWriter;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The coordinators of all that groups share, as far as this node leads them. Start it after the journal has subscribed to
 * the meta log. Thread-safe.
 */
public final class ShareService implements AutoCloseable {
    private static final int APPEND_TIMEOUT_MS = 5_000;
    private static final int BATCH_BYTES_MAX = 1 << 19;
    private static final int MESSAGE_BYTES_MAX = 4 << 20;
    private static final int READ_BYTES_MAX = 1 << 20;

    private final ShareConfig config;
    private final int nodeId;
    private final MetaLog metaLog;
    private final DeadLetterWriter deadLetters;
    private final CoordinatorService<ShareCommand, ShareFact, ShareEffect> coordinators;
    private final MovedLeaders movedLeaders = new MovedLeaders();
    private Cancellable subscription = Cancellable.NOTHING;
    private volatile SharePeers peers = SharePeers.NONE;

    public ShareService(
            ShareConfig config,
            int nodeId,
            Journal journal,
            MetaLog metaLog,
            LoopGroup loops,
            ByteBufAllocator allocator) {
        this(config, nodeId, journal, journal, metaLog, loops, allocator);
    }

    /** @param anywhere reaches the partitions that other nodes lead too, for dead letters */
    public ShareService(
            ShareConfig config,
            int nodeId,
            Journal journal,
            Journal anywhere,
            MetaLog metaLog,
            LoopGroup loops,
            ByteBufAllocator allocator) {
        this.config = config;
        this.nodeId = nodeId;
        this.metaLog = metaLog;
        this.deadLetters = new DeadLetterWriter(config.deadLetters(), anywhere, metaLog, allocator);
        DeadLetterOffice office = new DeadLetterOffice(deadLetters, this, loops);
        CoordinatorKind<ShareCommand, ShareFact, ShareEffect> kind = new CoordinatorKind<>(
                partition -> new ShareMachine(partition, config.partitionsMax()),
                new ShareFactCodec(),
                new ShareSink(office::write, this::forgetUnknownTopics),
                ShareCommand.Tick::new);
        this.coordinators =
                new CoordinatorService<>(settings(config, nodeId), kind, journal, metaLog, loops, allocator);
    }

    private static CoordinatorSettings settings(ShareConfig config, int nodeId) {
        return new CoordinatorSettings(
                TopicName.SHARE_GROUP_STATE,
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

    /** Reaches other nodes from now on. Before the start. */
    public void joinCluster(SharePeers others) {
        peers = others;
    }

    /** From now on leads what this node leads of {@code __share_group_state}. Once. */
    public void start() {
        Cancellable leadership = metaLog.subscribe(coordinators);
        Cancellable topics = metaLog.subscribe(this::forgetDeletedTopics);
        Cancellable data = metaLog.subscribe(this::releaseWhatMoved);
        subscription = () -> {
            leadership.cancel();
            topics.cancel();
            data.cancel();
        };
    }

    private void forgetDeletedTopics(MetaDelta delta, MetaImage image) {
        Set<TopicId> deleted = new HashSet<>();
        for (TopicId id : delta.topics()) {
            if (image.topic(id) == null) {
                deleted.add(id);
            }
        }
        if (!deleted.isEmpty()) {
            coordinators.submitToAll(() -> new ShareCommand.ForgetTopics(deleted));
        }
    }

    /** Of those that were deleted while nobody coordinated what was shared of them, no word comes any more. */
    private void forgetUnknownTopics(int partition) {
        coordinators.submitTo(partition, new ShareCommand.ForgetUnknown(metaLog.image()));
    }

    private void releaseWhatMoved(MetaDelta delta, MetaImage image) {
        Map<Partition, Integer> moved = movedLeaders.next(delta, image);
        if (!moved.isEmpty()) {
            coordinators.submitToAll(() -> new ShareCommand.LeadersMoved(moved));
        }
    }

    public int nodeId() {
        return nodeId;
    }

    public SharePeers peers() {
        return peers;
    }

    public ShareConfig config() {
        return config;
    }

    /** For who counts letters. */
    public DeadLetterWriter deadLetters() {
        return deadLetters;
    }

    /** The rules of a group as they are now. */
    public ShareTerms termsOf(String groupId) {
        return config.termsOf(groupId, metaLog.image());
    }

    /** Submits to the coordinator of the key, wherever it is. */
    public void submit(ShareKey key, ShareCommand command) {
        int partition = partitionOf(key.text());
        int leader = leaderOf(partition);
        if (leader == nodeId) {
            submitHere(key, command);
        } else {
            peers.submit(leader, partition, command);
        }
    }

    /** Submits to the coordinator of the key, which is refused unless it is one of this node. */
    public void submitHere(ShareKey key, ShareCommand command) {
        coordinators.submit(key.text(), command);
    }

    /** This node's own for what nobody leads, which refuses it. */
    private int leaderOf(int partition) {
        int leader = metaLog.image().leaderOf(TopicName.SHARE_GROUP_STATE, partition);
        return leader == PartitionImage.NO_LEADER ? nodeId : leader;
    }

    /** How many partitions {@code __share_group_state} has. */
    public int partitions() {
        TopicImage topic = metaLog.image().topic(TopicName.SHARE_GROUP_STATE);
        return topic == null ? 0 : topic.partitions().size();
    }

    /** Submits a command that concerns all that is shared in a partition, wherever that is led. */
    public void submitAnywhere(int partition, ShareCommand command) {
        int leader = leaderOf(partition);
        if (leader == nodeId) {
            submitTo(partition, command);
        } else {
            peers.submit(leader, partition, command);
        }
    }

    /** Submits a command that concerns all that is shared in a partition, which this node leads. */
    public void submitTo(int partition, ShareCommand command) {
        coordinators.submitTo(partition, command);
    }

    /** The partition of {@code __share_group_state} that a key belongs to; -1 while the topic does not exist. */
    public int partitionOf(String key) {
        return coordinators.partitionOf(key);
    }

    /** Creates {@code __share_group_state} unless it exists; see {@link CoordinatorService#ensureTopic}. */
    public CompletableFuture<Integer> ensureTopic() {
        return coordinators.ensureTopic();
    }

    @Override
    public void close() {
        subscription.cancel();
        coordinators.close();
    }
}
