package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.journal.Inflight;
import io.robustmq.journal.JournalService;
import io.robustmq.journal.LocalReplicas;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The log of a cluster, as a node sees it that has a replica of every partition it reads: reads come from here, up to what is
 * known to be committed; appends go to the leader, each in the log once. Any thread.
 */
public final class ClusterJournal implements Journal, MetaListener {
    private static final int END_MS_MAX = 2_000;
    private static final int AGAIN_MS = 50;

    /** So long what nobody waits for is kept where there is no leader: a new topic has one soon. */
    private static final int UNAWAITED_MS = 2_000;

    private static final int NS_PER_MS = 1_000_000;

    private final int nodeId;
    private final JournalService journal;
    private final LocalReplicas replicas;
    private final MetaLog meta;
    private final NodeLink link;
    private final LoopGroup loops;
    private final WriterId writerId;
    /** What is not answered yet, here or at other nodes: all writers together hold no more than the journal may. */
    private final Inflight inflight;

    private final ImageWaits imageWaits;
    private final Map<Partition, PartitionWriter> writers = new ConcurrentHashMap<>();

    public ClusterJournal(int nodeId, JournalService journal, MetaLog meta, NodeLink link, LoopGroup loops) {
        this.nodeId = nodeId;
        this.journal = journal;
        this.replicas = journal.replicas();
        this.meta = meta;
        this.link = link;
        this.loops = loops;
        this.imageWaits = new ImageWaits(meta::image);
        this.writerId = freshWriterId();
        this.inflight = new Inflight(journal.inflightBytesMax());
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        int bytes = batches.readableBytes();
        if (!inflight.take(bytes)) {
            batches.release();
            loop.run(() -> reply.accept(AppendResult.refused(BrokerError.OVERLOADED)));
            return;
        }
        PartitionWriter writer =
                writers.computeIfAbsent(partition, p -> new PartitionWriter(p, loops.loopFor(p), this));
        int patienceMs = options.acks() == Acks.ALL ? options.timeoutMs() : Math.min(options.timeoutMs(), UNAWAITED_MS);
        long deadline = writer.loop().nanoTime() + (long) patienceMs * NS_PER_MS;
        writer.append(new Write(batches, options, journal.incarnation(), deadline, loop, result -> {
            inflight.give(bytes);
            reply.accept(result);
        }));
    }

    /** Writers of topics that are gone refuse what they still have, and are forgotten; others hear who leads. */
    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        for (TopicId id : delta.topics()) {
            TopicImage topic = image.topic(id);
            if (topic == null) {
                writers.keySet().removeIf(partition -> partition.topicId().equals(id));
            } else {
                topic.partitions().forEach(each -> leaderChanged(topic.partition(each.index())));
            }
        }
        imageWaits.onImage(image);
    }

    private void leaderChanged(Partition partition) {
        PartitionWriter writer = writers.get(partition);
        if (writer != null) {
            writer.leaderChanged();
        }
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        return replicas.read(partition, offset, maxBytes, atLeastOneBatch, isolation);
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        return replicas.onAdvance(partition, offset, isolation, loop, task);
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        return replicas.state(partition);
    }

    /**
     * Whether all partitions that exist are known here as far as they are committed, but for those of which nobody can know it
     * now: that nobody leads, or that have too few in sync.
     */
    public boolean isCaughtUp() {
        return image().topics().stream().allMatch(topic -> topic.partitions().stream()
                .allMatch(p -> replicas.isKnown(topic.partition(p.index())) || !commits(topic, p)));
    }

    private static boolean commits(TopicImage topic, PartitionImage partition) {
        int wanted = TopicSettings.of(topic.configs()).minInsyncReplicas();
        return partition.leader() != PartitionImage.NO_LEADER && partition.isr().size() >= partition.minInSync(wanted);
    }

    @Override
    public boolean isOwn() {
        return false;
    }

    @Override
    public void settledWrites(Partition partition, Loop loop, Runnable done) {
        List<NodeImage> others = image().nodes().values().stream()
                .filter(node -> node.id() != nodeId && !node.fenced() && node.has(NodeRole.JOURNAL))
                .toList();
        AtomicInteger left = new AtomicInteger(1 + others.size());
        Runnable oneLess = () -> {
            if (left.decrementAndGet() == 0) {
                done.run();
            }
        };
        loop.run(() -> others.forEach(other -> new SettleAsker(other, partition, this, loop, oneLess).begin()));
        Cancellable unused = whenSettled(partition, loop, oneLess);
    }

    /** {@code task} runs in {@code loop} when nothing that was handed over here before can come to the partition any more. */
    Cancellable whenSettled(Partition partition, Loop loop, Runnable task) {
        PartitionWriter writer = writers.get(partition);
        if (writer == null) {
            loop.run(task);
            return Cancellable.NOTHING;
        }
        return writer.whenSettled(() -> loop.run(task));
    }

    @Override
    public void settledEnd(Partition partition, Loop loop, LongConsumer reply) {
        settledEnd(partition, loop, reply, () -> settledEnd(partition, loop, reply));
    }

    /** @param again asks once more, whichever way is the right one by then, as nobody knows or another node leads */
    void settledEnd(Partition partition, Loop loop, LongConsumer reply, Runnable again) {
        PartitionImage where = image().partition(partition);
        if (where == null) {
            loop.run(() -> reply.accept(-1));
            return;
        }
        int epoch = where.leaderEpoch();
        endAtLeader(where, partition, loop, end -> settled(partition, epoch, end, loop, reply, again));
    }

    /** The end of what was written, when who is dead for this node's metadata does not write any more; -1 when nobody says it. */
    void endAtLeader(PartitionImage where, Partition partition, Loop loop, LongConsumer reply) {
        if (where.leader() == PartitionImage.NO_LEADER) {
            loop.run(() -> reply.accept(-1));
            return;
        }
        if (where.leader() == nodeId) {
            journal.producers(partition, loop, producers -> {
                PartitionState state = journal.state(partition);
                reply.accept(state != null && state.leader() ? state.logEndOffset() : -1);
            });
            return;
        }
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(AppendCodec.HEAD_BYTES + Long.BYTES);
        AppendCodec.writeEnd(partition, image().index(), body);
        link.ask(where.leader(), NodeLink.Call.APPEND, body, END_MS_MAX, loop, answer -> {
            AppendResult result = answer == null ? null : AppendCodec.readResult(answer);
            reply.accept(result == null || !result.succeeded() ? -1 : result.baseOffset());
        });
    }

    /** Asks again while nobody knows, then waits for it to be committed here. The next leader may not have all of it. */
    private void settled(Partition partition, int epoch, long end, Loop loop, LongConsumer reply, Runnable again) {
        PartitionState state = replicas.state(partition);
        if (end < 0 || !replicas.isKnown(partition) || !isEpoch(partition, epoch)) {
            loop.schedule(AGAIN_MS, again);
        } else if (state == null || state.highWatermark() >= end) {
            loop.run(() -> reply.accept(end));
        } else {
            loop.schedule(AGAIN_MS, () -> settled(partition, epoch, end, loop, reply, again));
        }
    }

    /** Whether another replica in sync could lead, as far as it has said. */
    boolean hasRoomElsewhere(Partition partition) {
        MetaImage image = image();
        PartitionImage where = image.partition(partition);
        return where != null
                && where.isr().stream()
                        .anyMatch(node -> node != where.leader()
                                && !FullReplicas.has(image, node, partition.topicId(), partition.index()));
    }

    boolean isEpoch(Partition partition, int epoch) {
        PartitionImage now = image().partition(partition);
        return now != null && now.leaderEpoch() == epoch;
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        journal.offsetForTime(partition, timestampMs, isolation, loop, reply);
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        journal.offsetForMaxTimestamp(partition, loop, reply);
    }

    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        return journal.endOfEpoch(partition, leaderEpoch);
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        journal.producers(partition, loop, reply);
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        journal.deleteRecords(partition, beforeOffset, loop, reply);
    }

    // ---- for writers

    int nodeId() {
        return nodeId;
    }

    Journal local() {
        return journal;
    }

    ImageWaits imageWaits() {
        return imageWaits;
    }

    LocalReplicas replicas() {
        return replicas;
    }

    NodeLink link() {
        return link;
    }

    MetaLog meta() {
        return meta;
    }

    MetaImage image() {
        return meta.image();
    }

    WriterId writerId() {
        return writerId;
    }

    WriterId freshWriterId() {
        return new WriterId(nodeId, journal::incarnation, meta, loops.loops().get(0));
    }

    long incarnation() {
        return journal.incarnation();
    }
}
