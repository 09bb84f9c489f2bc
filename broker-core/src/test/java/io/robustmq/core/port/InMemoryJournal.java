package io.robustmq.core.port;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.record.RecordReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The log of one node in memory, as strict about epochs as the real one. A test may hold the commits back, or let appends
 * fail before or after they are written. One thread.
 */
public final class InMemoryJournal implements Journal, MetaListener {
    private final int nodeId;
    private final Map<Partition, Log> logs = new HashMap<>();
    private final Queue<Runnable> held = new ArrayDeque<>();
    private final Queue<Fault> faults = new ArrayDeque<>();
    private boolean holding;
    private boolean unsure;
    private boolean metadataOld;
    private long appendCount;

    public InMemoryJournal(int nodeId) {
        this.nodeId = nodeId;
    }

    /** What happens to an append; {@code written} says whether its bytes stay in the log all the same. */
    public record Fault(BrokerError error, boolean written) {}

    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        for (TopicId id : delta.topics()) {
            TopicImage topic = image.topic(id);
            if (topic == null) {
                logs.keySet().removeIf(partition -> partition.topicId().equals(id));
                continue;
            }
            for (PartitionImage partition : topic.partitions()) {
                lead(topic.partition(partition.index()), partition.leaderEpoch(), partition.leader() == nodeId);
            }
        }
    }

    public void lead(Partition partition, int leaderEpoch, boolean leader) {
        Log log = logs.computeIfAbsent(partition, p -> new Log());
        log.leaderEpoch = leaderEpoch;
        log.leader = leader;
        log.wake(!leader);
    }

    /** The faults of the next appends, one each. */
    public void failNext(BrokerError error, boolean written) {
        faults.add(new Fault(error, written));
    }

    /** Whether this node may have been taken for dead and does not know. */
    public void unsure(boolean now) {
        unsure = now;
    }

    @Override
    public boolean isSureToLead(Partition partition) {
        return !unsure;
    }

    /** From now on appends are written, but neither committed nor answered. */
    public void hold() {
        holding = true;
    }

    /** Commits and answers what was held back, in order. */
    public void release() {
        holding = false;
        Runnable commit = held.poll();
        while (commit != null) {
            commit.run();
            commit = held.poll();
        }
    }

    public long appendCount() {
        return appendCount;
    }

    /** Copies of all batches of a partition. */
    public List<byte[]> batches(Partition partition) {
        Log log = logs.get(partition);
        return log == null
                ? List.of()
                : log.batches.stream()
                        .map(batch -> ByteBufUtil.getBytes(batch.bytes))
                        .toList();
    }

    /** Replaces the log by the first {@code batchCount} batches of {@code other}'s, all committed: a crash at that point. */
    public void copyFrom(InMemoryJournal other, Partition partition, int batchCount) {
        Log source = other.logs.get(partition);
        Log target = logs.computeIfAbsent(partition, p -> new Log());
        List<Stored> kept = source == null ? List.of() : List.copyOf(source.batches.subList(0, batchCount));
        target.batches.clear();
        target.batches.addAll(kept);
        target.end = target.batches.isEmpty() ? 0 : target.batches.get(target.batches.size() - 1).next;
        target.highWatermark = target.end;
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        try {
            appendCount++;
            Log log = logs.get(partition);
            BrokerError refusal = refusal(log, options);
            Fault fault = refusal == BrokerError.NONE ? faults.poll() : null;
            if (log == null || refusal != BrokerError.NONE) {
                loop.execute(() -> reply.accept(AppendResult.refused(refusal)));
            } else if (fault != null && !fault.written()) {
                loop.execute(() -> reply.accept(AppendResult.refused(fault.error())));
            } else {
                long base = log.write(batches);
                long end = log.end;
                Runnable commit = () -> {
                    log.highWatermark = Math.max(log.highWatermark, end);
                    log.wake(false);
                    AppendResult result =
                            fault == null ? AppendResult.appended(base, -1, 0) : AppendResult.refused(fault.error());
                    loop.execute(() -> reply.accept(result));
                };
                if (holding) {
                    held.add(commit);
                } else {
                    commit.run();
                }
            }
        } finally {
            batches.release();
        }
    }

    private static BrokerError refusal(@Nullable Log log, AppendOptions options) {
        if (log == null) {
            return BrokerError.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (!log.leader) {
            return BrokerError.NOT_LEADER;
        }
        return options.leaderEpoch() == AppendOptions.ANY_EPOCH || options.leaderEpoch() == log.leaderEpoch
                ? BrokerError.NONE
                : BrokerError.FENCED_LEADER_EPOCH;
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        Log log = logs.get(partition);
        if (log == null || !log.leader) {
            return ReadResult.refused(log == null ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION : BrokerError.NOT_LEADER);
        }
        if (offset < 0 || offset > log.end) {
            return ReadResult.refused(BrokerError.OFFSET_OUT_OF_RANGE);
        }
        ByteBuf bytes = Unpooled.buffer();
        for (Stored batch : log.batches) {
            boolean fits = bytes.readableBytes() + batch.bytes.readableBytes() <= maxBytes
                    || (atLeastOneBatch && !bytes.isReadable());
            if (batch.next > log.highWatermark || (batch.next > offset && !fits)) {
                break;
            }
            if (batch.next > offset) {
                bytes.writeBytes(batch.bytes.duplicate());
            }
        }
        LogSlice slice = bytes.isReadable() ? new BytesSlice(bytes) : null;
        return new ReadResult(BrokerError.NONE, slice, log.highWatermark, log.highWatermark, 0, List.of());
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        Log log = logs.get(partition);
        if (log == null || !log.leader || log.highWatermark > offset) {
            loop.execute(task);
            return Cancellable.NOTHING;
        }
        Waiter waiter = new Waiter(offset, loop, task);
        log.waiters.add(waiter);
        return () -> log.waiters.remove(waiter);
    }

    @Override
    public boolean isMetadataCurrent() {
        return !metadataOld;
    }

    public void metadataOld(boolean old) {
        metadataOld = old;
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        Log log = logs.get(partition);
        return log == null
                ? null
                : new PartitionState(log.leader, log.leaderEpoch, 0, log.highWatermark, log.highWatermark, log.end, 0);
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        Log log = logs.get(partition);
        TimestampedOffset[] found = {TimestampedOffset.NONE};
        if (log != null) {
            for (Stored batch : log.batches) {
                RecordReader.forAll(batch.bytes.duplicate(), Integer.MAX_VALUE, (b, record) -> {
                    boolean first = found[0].offset() < 0 && record.offset() < log.highWatermark;
                    if (first && record.timestampMs() >= timestampMs) {
                        found[0] = new TimestampedOffset(record.timestampMs(), record.offset(), log.leaderEpoch);
                    }
                });
            }
        }
        loop.execute(() -> reply.accept(found[0]));
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        throw new AssertionError("not needed by coordinators");
    }

    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        return EpochEnd.UNKNOWN;
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        loop.execute(() -> reply.accept(List.of()));
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        throw new AssertionError("not needed by coordinators");
    }

    private record Stored(long next, ByteBuf bytes) {}

    private record Waiter(long offset, Loop loop, Runnable task) {}

    private record BytesSlice(ByteBuf bytes) implements LogSlice {
        @Override
        public int sizeInBytes() {
            return bytes.readableBytes();
        }

        @Override
        public Object toOutbound() {
            return bytes;
        }

        @Override
        public ByteBuf toBuffer() {
            return bytes.retain();
        }

        @Override
        public void close() {
            bytes.release();
        }
    }

    /** One partition. */
    private static final class Log {
        private final List<Stored> batches = new ArrayList<>();
        private final List<Waiter> waiters = new ArrayList<>();
        private boolean leader;
        private int leaderEpoch;
        private long end;
        private long highWatermark;

        private long write(ByteBuf bytes) {
            long base = end;
            RecordReader.forEachBatch(bytes, batch -> {
                if (!batch.isIntact()) {
                    throw new AssertionError("batch with a wrong CRC");
                }
                batch.assign(end, leaderEpoch);
                byte[] copy = new byte[batch.sizeInBytes()];
                bytes.getBytes(batch.start(), copy);
                end = batch.nextOffset();
                batches.add(new Stored(end, Unpooled.wrappedBuffer(copy)));
                return true;
            });
            return base;
        }

        private void wake(boolean all) {
            List<Waiter> due = new ArrayList<>();
            for (Waiter waiter : waiters) {
                if (all || highWatermark > waiter.offset) {
                    due.add(waiter);
                }
            }
            waiters.removeAll(due);
            due.forEach(waiter -> waiter.loop.execute(waiter.task));
        }
    }
}
