package io.robustmq.kafka.memory;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The log of one node in memory. Replies never come inside the call. */
public final class MemoryJournal implements Journal {
    private final int nodeId;
    private final MetaLog metaLog;
    private final Map<Partition, MemoryLog> logs = new ConcurrentHashMap<>();
    private final AtomicInteger openSlices = new AtomicInteger();

    public MemoryJournal(int nodeId, MetaLog metaLog) {
        this.nodeId = nodeId;
        this.metaLog = metaLog;
        metaLog.subscribe((delta, image) -> logs.forEach((partition, log) -> {
            if (!isLeader(partition)) {
                log.wakeAll();
            }
        }));
    }

    /** Slices that were read and neither closed nor sent. */
    public int openSlices() {
        return openSlices.get();
    }

    /** Readers parked in all partitions. */
    public int waiterCount() {
        return logs.values().stream().mapToInt(MemoryLog::waiterCount).sum();
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        try {
            AppendResult result = isLeader(partition)
                    ? log(partition).append(batches, epoch(partition))
                    : AppendResult.refused(BrokerError.NOT_LEADER);
            loop.execute(() -> reply.accept(result));
        } finally {
            batches.release();
        }
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        return isLeader(partition)
                ? log(partition).read(offset, maxBytes, atLeastOneBatch)
                : ReadResult.refused(BrokerError.NOT_LEADER);
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        return log(partition).onAdvance(offset, loop, task);
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        return metaLog.image().partition(partition) == null
                ? null
                : log(partition).state(isLeader(partition), epoch(partition));
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        TimestampedOffset found = log(partition).offsetForTime(timestampMs);
        loop.execute(() -> reply.accept(found));
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        TimestampedOffset found = log(partition).offsetForMaxTimestamp();
        loop.execute(() -> reply.accept(found));
    }

    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        return log(partition).endOfEpoch(leaderEpoch, epoch(partition));
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        loop.execute(() -> reply.accept(List.of()));
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        AppendResult result = log(partition).deleteRecords(beforeOffset);
        loop.execute(() -> reply.accept(result));
    }

    MemorySlice slice(ByteBuf bytes) {
        return new MemorySlice(bytes, openSlices);
    }

    private MemoryLog log(Partition partition) {
        return logs.computeIfAbsent(partition, ignored -> new MemoryLog(this));
    }

    private boolean isLeader(Partition partition) {
        PartitionImage image = metaLog.image().partition(partition);
        return image != null && image.leader() == nodeId;
    }

    private int epoch(Partition partition) {
        PartitionImage image = metaLog.image().partition(partition);
        return image == null ? -1 : image.leaderEpoch();
    }
}
