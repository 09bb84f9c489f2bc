package io.robustmq.core.coordinator;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One kind of coordinator on this node: a {@link CoordinatorShard} for every partition of the internal topic that this
 * node leads. Thread-safe: leadership comes in the meta service's thread, commands from any; both hand over to the
 * partition's loop. Subscribe it to the meta log after the journal, so that partitions are open when they are loaded.
 */
public final class CoordinatorService<C, F, E> implements Coordinator<C>, MetaListener {
    private final CoordinatorSettings settings;
    private final CoordinatorKind<C, F, E> kind;
    private final Journal journal;
    private final MetaLog metaLog;
    private final LoopGroup loops;
    private final ByteBufAllocator allocator;

    private final AtomicReference<@Nullable CompletableFuture<Integer>> creation = new AtomicReference<>();
    private final Queue<Waiting<C>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger awaitingTopic = new AtomicInteger();
    private volatile boolean closed;
    private volatile View<C, F, E> view = new View<>(TopicId.ZERO, -1, Map.of());

    public CoordinatorService(
            CoordinatorSettings settings,
            CoordinatorKind<C, F, E> kind,
            Journal journal,
            MetaLog metaLog,
            LoopGroup loops,
            ByteBufAllocator allocator) {
        this.settings = settings;
        this.kind = kind;
        this.journal = journal;
        this.metaLog = metaLog;
        this.loops = loops;
        this.allocator = allocator;
    }

    /** While the topic does not exist it is created, and the command waits for it. */
    @Override
    public void submit(String key, C command) {
        View<C, F, E> now = view;
        if (now.partitions > 0) {
            submit(now, partitionFor(key, now.partitions), command);
        } else if (awaitingTopic.incrementAndGet() > settings.pendingMax()) {
            awaitingTopic.decrementAndGet();
            refuse(loops.loopFor(key), command, BrokerError.OVERLOADED);
        } else {
            // A queue, because a future runs what depends on it in no certain order.
            waiting.add(new Waiting<>(key, command));
            CompletableFuture<Integer> unused = ensureTopic().whenComplete((partitions, failure) -> submitWaiting());
        }
    }

    private void submitWaiting() {
        Waiting<C> next = waiting.poll();
        while (next != null) {
            awaitingTopic.decrementAndGet();
            if (view.partitions > 0) {
                submit(next.key, next.command);
            } else {
                refuse(loops.loopFor(next.key), next.command, BrokerError.COORDINATOR_NOT_AVAILABLE);
            }
            next = waiting.poll();
        }
    }

    /** Submits a command of its own to every partition that is served here now. */
    public void submitToAll(Supplier<? extends C> commands) {
        for (CoordinatorShard<C, F, E> shard : view.shards.values()) {
            shard.submitIfActive(commands);
        }
    }

    /** Partitions of the internal topic that this node leads, loaded or not. */
    public Set<Integer> partitionsLed() {
        return view.shards.keySet();
    }

    /** Submits a command that concerns a whole partition. */
    public void submitTo(int partition, C command) {
        submit(view, partition, command);
    }

    @Override
    public int partitionOf(String key) {
        int partitions = view.partitions;
        return partitions < 0 ? -1 : partitionFor(key, partitions);
    }

    /** As Kafka places a group in __consumer_offsets. */
    public static int partitionFor(String key, int partitions) {
        int hash = key.hashCode();
        return (hash == Integer.MIN_VALUE ? 0 : Math.abs(hash)) % partitions;
    }

    /**
     * Creates the internal topic unless it exists. Completes with its number of partitions once this service has seen it,
     * in the meta service's thread; fails with a BrokerException, and the next call tries again.
     */
    public CompletableFuture<Integer> ensureTopic() {
        int partitions = view.partitions;
        if (partitions > 0) {
            return CompletableFuture.completedFuture(partitions);
        }
        CompletableFuture<Integer> mine = new CompletableFuture<>();
        CompletableFuture<Integer> theirs = creation.compareAndExchange(null, mine);
        if (theirs != null) {
            return theirs;
        }
        MetaCommand create = new MetaCommand.CreateTopic(
                settings.topic(),
                settings.partitions(),
                settings.replicationFactor(),
                List.of(),
                settings.topicConfigs(),
                -1,
                false);
        CompletableFuture<MetaReply> unused =
                metaLog.submit(create).whenComplete((reply, failure) -> finishCreation(mine, reply, failure));
        return mine;
    }

    private void finishCreation(
            CompletableFuture<Integer> creating, @Nullable MetaReply reply, @Nullable Throwable failure) {
        // Cleared first: whoever sees the failure may try again at once.
        creation.set(null);
        if (failure != null) {
            creating.completeExceptionally(failure);
        } else if (reply instanceof MetaReply.Refused refused && refused.error() != BrokerError.TOPIC_ALREADY_EXISTS) {
            creating.completeExceptionally(new BrokerException(refused.error(), refused.message()));
        } else if (view.partitions < 0) {
            creating.completeExceptionally(new BrokerException(BrokerError.COORDINATOR_NOT_AVAILABLE));
        } else {
            creating.complete(view.partitions);
        }
    }

    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        TopicImage topic = image.topic(settings.topic());
        View<C, F, E> before = view;
        boolean recreated = topic != null && !topic.id().equals(before.topicId);
        boolean touched = topic != null && delta.topics().contains(topic.id());
        boolean nothingToDo = topic == null ? before.partitions < 0 : !recreated && !touched;
        if (closed || nothingToDo) {
            return;
        }
        if (topic == null || recreated) {
            before.shards.values().forEach(CoordinatorShard::resign);
        }
        Map<Integer, CoordinatorShard<C, F, E>> kept = topic == null || recreated ? Map.of() : before.shards;
        view = topic == null
                ? new View<>(TopicId.ZERO, -1, Map.of())
                : new View<>(topic.id(), topic.partitions().size(), shardsOf(topic, kept));
    }

    /** Gives every partition back for good; commands that wait are refused. After the meta log has stopped. */
    public void close() {
        closed = true;
        View<C, F, E> last = view;
        view = new View<>(last.topicId, last.partitions, Map.of());
        last.shards.values().forEach(CoordinatorShard::resign);
    }

    private Map<Integer, CoordinatorShard<C, F, E>> shardsOf(
            TopicImage topic, Map<Integer, CoordinatorShard<C, F, E>> kept) {
        Map<Integer, CoordinatorShard<C, F, E>> shards = new HashMap<>();
        for (PartitionImage partition : topic.partitions()) {
            CoordinatorShard<C, F, E> shard = kept.get(partition.index());
            if (partition.leader() == settings.nodeId()) {
                if (shard == null) {
                    Partition id = topic.partition(partition.index());
                    shard = new CoordinatorShard<>(settings, kind, journal, id, loops.loopFor(id), allocator);
                }
                shard.lead(partition.leaderEpoch());
                shards.put(partition.index(), shard);
            } else if (shard != null) {
                shard.resign();
            }
        }
        return Map.copyOf(shards);
    }

    private void submit(View<C, F, E> to, int index, C command) {
        CoordinatorShard<C, F, E> shard = to.shards.get(index);
        if (shard == null) {
            refuse(loops.loopFor(new Partition(to.topicId, index)), command, BrokerError.NOT_COORDINATOR);
        } else {
            shard.submit(command);
        }
    }

    private void refuse(Loop loop, C command, BrokerError error) {
        loop.run(() -> kind.sink().refused(command, error));
    }

    /** A command that came before the topic existed. */
    private record Waiting<C>(String key, C command) {}

    /**
     * What the last image said. Immutable.
     *
     * @param partitions -1 while the topic does not exist
     * @param shards of the partitions led here, by index
     */
    private record View<C, F, E>(TopicId topicId, int partitions, Map<Integer, CoordinatorShard<C, F, E>> shards) {}
}
