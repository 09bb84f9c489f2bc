package io.robustmq.core.group;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The coordinators of all groups that this node leads. Start it after the journal has subscribed to the meta log.
 * Thread-safe.
 */
public final class GroupService implements Coordinator<GroupCommand>, AutoCloseable {
    private static final int APPEND_TIMEOUT_MS = 5_000;
    private static final int BATCH_BYTES_MAX = 1 << 19;
    private static final int READ_BYTES_MAX = 1 << 20;

    private final MetaLog metaLog;
    private final CoordinatorService<GroupCommand, GroupFact, GroupEffect> coordinators;
    private Cancellable subscription = Cancellable.NOTHING;

    public GroupService(
            GroupConfig config,
            int nodeId,
            Journal journal,
            MetaLog metaLog,
            LoopGroup loops,
            ByteBufAllocator allocator) {
        this.metaLog = metaLog;
        CoordinatorKind<GroupCommand, GroupFact, GroupEffect> kind = new CoordinatorKind<>(
                partition -> new GroupMachine(config), new GroupFactCodec(), new GroupSink(), GroupCommand.Tick::new);
        this.coordinators =
                new CoordinatorService<>(settings(config, nodeId), kind, journal, metaLog, loops, allocator);
    }

    private static CoordinatorSettings settings(GroupConfig config, int nodeId) {
        // A group's record holds all its members' subscriptions and assignments, so it may be larger than a usual
        // batch.
        int messageBytesMax = 2 * Math.max(config.groupBytesMax(), BATCH_BYTES_MAX);
        return new CoordinatorSettings(
                TopicName.CONSUMER_OFFSETS,
                nodeId,
                config.topicPartitions(),
                config.topicReplicationFactor(),
                Map.of(
                        "cleanup.policy", "compact",
                        "segment.bytes", "104857600",
                        "max.message.bytes", Integer.toString(messageBytesMax)),
                config.pendingMax(),
                BATCH_BYTES_MAX,
                READ_BYTES_MAX,
                APPEND_TIMEOUT_MS,
                false);
    }

    /** From now on leads the groups of the partitions that this node leads. Once. */
    public void start() {
        Cancellable leadership = metaLog.subscribe(coordinators);
        Cancellable topics = metaLog.subscribe(this::forgetDeletedTopics);
        subscription = () -> {
            leadership.cancel();
            topics.cancel();
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
            coordinators.submitToAll(() -> new GroupCommand.ForgetTopics(deleted));
        }
    }

    @Override
    public void submit(String groupId, GroupCommand command) {
        coordinators.submit(groupId, command);
    }

    @Override
    public int partitionOf(String groupId) {
        return coordinators.partitionOf(groupId);
    }

    /** The node that coordinates the group; -1 when none does now. */
    public int leaderOf(String groupId) {
        return metaLog.image().leaderOf(TopicName.CONSUMER_OFFSETS, partitionOf(groupId));
    }

    /** Partitions of {@code __consumer_offsets} that this node leads, loaded or not. */
    public Set<Integer> partitionsLed() {
        return coordinators.partitionsLed();
    }

    /** Submits a command that concerns all groups of a partition. */
    public void submitTo(int partition, GroupCommand command) {
        coordinators.submitTo(partition, command);
    }

    /** Creates {@code __consumer_offsets} unless it exists; see {@link CoordinatorService#ensureTopic}. */
    public CompletableFuture<Integer> ensureTopic() {
        return coordinators.ensureTopic();
    }

    @Override
    public void close() {
        subscription.cancel();
        coordinators.close();
    }
}
