package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of a cluster as a node sees it that keeps nothing of it: all is read and written at the leaders. A read finds what
 * was asked for before; what is not here is asked for, and {@link #onAdvance} tells when it is. Any thread.
 */
public final class RemoteJournal implements Journal, MetaListener {
    private static final int READ_BYTES_MAX = 8 << 20;
    private static final int READ_WAIT_MS = 1_000;
    /** Only says that the connection is dead. */
    private static final int ANSWER_MS_MAX = 10_000;

    private static final int AGAIN_MS = 50;
    private static final long LOOK_UP_NANOS_MAX = 5_000_000_000L;

    private final MetaLog meta;
    private final NodeLink link;
    private final LoopGroup loops;
    private final RemoteReads reads;
    private final Inflight inflight;

    /**
     * @param readBytesMax of records that are held for who reads next
     * @param inflightBytesMax of appends that are not answered
     */
    public RemoteJournal(MetaLog meta, NodeLink link, LoopGroup loops, long readBytesMax, long inflightBytesMax) {
        this.meta = meta;
        this.link = link;
        this.loops = loops;
        this.reads = new RemoteReads(readBytesMax, loops.loops().get(0)::nanoTime, this::ask);
        this.inflight = new Inflight(inflightBytesMax);
    }

    /** Only to be read: each leader is asked at once for all partitions of it that are wanted, most of which are idle. */
    RemoteJournal(MetaLog meta, NodeLink link, LoopGroup loops, long readBytesMax) {
        this.meta = meta;
        this.link = link;
        this.loops = loops;
        this.reads = new RemoteReads(
                readBytesMax,
                loops.loops().get(0)::nanoTime,
                new LeaderStreams(link, loops, this::leader, this::answered));
        this.inflight = new Inflight(0);
    }

    private void answered(RemoteReads.Place place, ReadResult head, ByteBuf records) {
        reads.answered(place, head, records);
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        int bytes = batches.readableBytes();
        int leader = leader(partition);
        boolean takes = leader >= 0 && inflight.take(bytes);
        if (!takes) {
            batches.release();
            BrokerError why = leader >= 0 ? BrokerError.OVERLOADED : BrokerError.NOT_LEADER;
            loop.run(() -> reply.accept(AppendResult.refused(why)));
            return;
        }
        ByteBuf head = LogCodec.write(LogCodec.question(LogCodec.APPEND, partition), options);
        CompositeByteBuf body = ByteBufAllocator.DEFAULT
                .compositeBuffer(2)
                .addComponent(true, head)
                .addComponent(true, batches);
        link.ask(leader, NodeLink.Call.LOG, body, options.timeoutMs() + ANSWER_MS_MAX, loop, answer -> {
            inflight.give(bytes);
            reply.accept(
                    answer == null
                            ? AppendResult.refused(BrokerError.REQUEST_TIMED_OUT)
                            : AppendCodec.readResult(answer));
        });
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        PartitionImage image = meta.image().partition(partition);
        if (image == null) {
            return ReadResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
        }
        return image.leader() == PartitionImage.NO_LEADER
                ? ReadResult.refused(BrokerError.NOT_LEADER)
                : reads.read(log(partition, image, isolation), offset, maxBytes, atLeastOneBatch);
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        PartitionImage image = meta.image().partition(partition);
        if (image == null || image.leader() == PartitionImage.NO_LEADER) {
            return loop.schedule(AGAIN_MS, task);
        }
        return reads.onAnswer(log(partition, image, isolation), offset, 1 << 20, loop, task);
    }

    private static RemoteReads.Log log(Partition partition, PartitionImage image, Isolation isolation) {
        return new RemoteReads.Log(partition, image.leaderEpoch(), isolation);
    }

    private void ask(RemoteReads.Place place, int maxBytes) {
        Partition partition = place.log().partition();
        LogCodec.Read read = new LogCodec.Read(
                place.offset(),
                Math.max(1, Math.min(maxBytes, READ_BYTES_MAX)),
                place.log().isolation(),
                READ_WAIT_MS);
        ByteBuf body = LogCodec.write(LogCodec.question(LogCodec.READ, partition), read);
        Loop loop = loops.loopFor(partition);
        link.ask(leader(partition), NodeLink.Call.LOG, body, ANSWER_MS_MAX, loop, answer -> {
            if (answer == null) {
                reads.answered(place, ReadResult.refused(BrokerError.NOT_LEADER), Unpooled.EMPTY_BUFFER);
            } else {
                ReadResult head = LogCodec.readHead(answer);
                boolean moved = head.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION;
                reads.answered(place, moved ? ReadResult.refused(BrokerError.NOT_LEADER) : head, answer);
            }
        });
    }

    /** Who leads and in which epoch; the ends as they were last heard of. */
    @Override
    public @Nullable PartitionState state(Partition partition) {
        PartitionImage image = meta.image().partition(partition);
        if (image == null || image.leader() == PartitionImage.NO_LEADER) {
            return null;
        }
        long committed = Math.max(0, reads.end(log(partition, image, Isolation.READ_COMMITTED)));
        long visible = Math.max(committed, reads.end(log(partition, image, Isolation.READ_UNCOMMITTED)));
        return new PartitionState(true, image.leaderEpoch(), 0, committed, visible, visible, 0);
    }

    @Override
    public boolean isOwn() {
        return false;
    }

    @Override
    public boolean isHere(Partition partition) {
        return false;
    }

    @Override
    public void leaderStates(Collection<Partition> partitions, Loop loop, LeaderReply reply) {
        Map<Integer, List<Partition>> byLeader = new HashMap<>();
        for (Partition partition : partitions) {
            byLeader.computeIfAbsent(leader(partition), node -> new ArrayList<>())
                    .add(partition);
        }
        loop.run(() -> byLeader.forEach((node, led) -> {
            if (node < 0) {
                reply.told(led, new HashMap<>());
            } else {
                new LeaderStates(loop, led, reply).ask(link, node);
            }
        }));
    }

    @Override
    public void leaderState(Partition partition, Loop loop, Consumer<@Nullable PartitionState> reply) {
        lookUp(
                partition,
                () -> LogCodec.question(LogCodec.STATE, partition),
                answer -> reply.accept(LogCodec.readState(answer)),
                () -> reply.accept(null),
                loop);
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        lookUp(
                partition,
                () -> LogCodec.write(LogCodec.question(LogCodec.TIME, partition).writeLong(timestampMs), isolation),
                answer -> reply.accept(LogCodec.readTimestamped(answer)),
                () -> reply.accept(TimestampedOffset.refused(unanswered(partition))),
                loop);
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        lookUp(
                partition,
                () -> LogCodec.question(LogCodec.MAX_TIME, partition),
                answer -> reply.accept(LogCodec.readTimestamped(answer)),
                () -> reply.accept(TimestampedOffset.refused(unanswered(partition))),
                loop);
    }

    /** Not known here; ask for it. */
    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        return EpochEnd.UNKNOWN;
    }

    @Override
    public void endOfEpoch(Partition partition, int leaderEpoch, Loop loop, Consumer<EpochEnd> reply) {
        lookUp(
                partition,
                () -> LogCodec.question(LogCodec.EPOCH_END, partition).writeInt(leaderEpoch),
                answer -> reply.accept(LogCodec.readEpochEnd(answer)),
                () -> reply.accept(EpochEnd.UNKNOWN),
                loop);
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        lookUp(
                partition,
                () -> LogCodec.question(LogCodec.PRODUCERS, partition),
                answer -> reply.accept(LogCodec.readProducers(answer)),
                () -> reply.accept(List.of()),
                loop);
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        int leader = leader(partition);
        if (leader < 0) {
            loop.run(() -> reply.accept(AppendResult.refused(BrokerError.NOT_LEADER)));
            return;
        }
        ByteBuf body = LogCodec.question(LogCodec.DELETE, partition).writeLong(beforeOffset);
        link.ask(
                leader,
                NodeLink.Call.LOG,
                body,
                ANSWER_MS_MAX,
                loop,
                answer -> reply.accept(
                        answer == null
                                ? AppendResult.refused(BrokerError.REQUEST_TIMED_OUT)
                                : AppendCodec.readResult(answer)));
    }

    /** Of partitions that are led anew nothing is kept. */
    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        if (!delta.topics().isEmpty()) {
            reads.forgetIf(log -> {
                PartitionImage now = image.partition(log.partition());
                return now == null || now.leaderEpoch() != log.leaderEpoch();
            });
        }
    }

    /** Asks again for a while when nobody answers: what is looked up changes nothing. */
    private void lookUp(
            Partition partition,
            Supplier<ByteBuf> question,
            Consumer<ByteBuf> answered,
            Runnable otherwise,
            Loop loop) {
        lookUp(partition, question, answered, otherwise, loop, loop.nanoTime() + LOOK_UP_NANOS_MAX);
    }

    private void lookUp(
            Partition partition,
            Supplier<ByteBuf> question,
            Consumer<ByteBuf> answered,
            Runnable otherwise,
            Loop loop,
            long deadlineNanos) {
        int leader = leader(partition);
        if (leader < 0) {
            loop.run(otherwise);
            return;
        }
        link.ask(leader, NodeLink.Call.LOG, question.get(), ANSWER_MS_MAX, loop, answer -> {
            if (answer != null) {
                answered.accept(answer);
            } else if (loop.nanoTime() - deadlineNanos > 0) {
                otherwise.run();
            } else {
                loop.schedule(AGAIN_MS, () -> lookUp(partition, question, answered, otherwise, loop, deadlineNanos));
            }
        });
    }

    private BrokerError unanswered(Partition partition) {
        return meta.image().partition(partition) == null
                ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                : BrokerError.LEADER_NOT_AVAILABLE;
    }

    private int leader(Partition partition) {
        PartitionImage image = meta.image().partition(partition);
        return image == null ? PartitionImage.NO_LEADER : image.leader();
    }
}
