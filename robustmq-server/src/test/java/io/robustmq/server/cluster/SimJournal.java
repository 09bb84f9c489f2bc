package io.robustmq.server.cluster;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node's journal over its replicas. */
final class SimJournal implements Journal {
    private final SimNode node;

    SimJournal(SimNode node) {
        this.node = node;
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        SimShard shard = node.shards.get(partition);
        if (shard == null) {
            batches.release();
            loop.run(() -> reply.accept(AppendResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION)));
        } else {
            shard.append(batches, options, loop, reply);
        }
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        SimShard shard = node.shards.get(partition);
        return shard == null
                ? ReadResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION)
                : shard.read(offset, maxBytes, isolation);
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        SimShard shard = node.shards.get(partition);
        if (shard == null) {
            loop.execute(task);
            return Cancellable.NOTHING;
        }
        return shard.onAdvance(offset, isolation, loop, task);
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        SimShard shard = node.shards.get(partition);
        return shard == null ? null : shard.state();
    }

    @Override
    public boolean isSureToLead(Partition partition) {
        return node.isLeased();
    }

    @Override
    public boolean isMetadataCurrent() {
        return node.hasJoined();
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
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        throw new AssertionError("not needed by coordinators");
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        throw new AssertionError("not needed by coordinators");
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        throw new AssertionError("not needed by coordinators");
    }
}
