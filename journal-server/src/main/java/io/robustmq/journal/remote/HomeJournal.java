package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
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
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.journal.LocalReplicas;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The log as a node sees it that is home to MQTT sessions: a partition that has a replica here which knows what is committed is read
 * from that, any other at its leader. Which of both it is may change between two reads: whoever waits for one of them reads again in
 * time, from where he stands. Any thread.
 */
public final class HomeJournal implements Journal, MetaListener {
    private static final int AGAIN_MS = 50;

    private final ClusterJournal cluster;
    private final LocalReplicas replicas;
    private final RemoteJournal away;

    /** @param readBytesMax of other nodes' records that are held for who reads next */
    public HomeJournal(ClusterJournal cluster, LoopGroup loops, long readBytesMax) {
        this.cluster = cluster;
        this.replicas = cluster.replicas();
        this.away = new RemoteJournal(cluster.meta(), cluster.link(), loops, readBytesMax);
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        cluster.append(partition, batches, options, loop, reply);
    }

    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        away.onImage(delta, image);
    }

    @Override
    public boolean isHere(Partition partition) {
        return replicas.isHere(partition) || isLedHere(partition);
    }

    @Override
    public boolean isHere(Partition partition, long offset) {
        return replicas.isHere(partition) ? replicas.isHere(partition, offset) : isHere(partition);
    }

    private boolean isLedHere(Partition partition) {
        PartitionImage where = cluster.image().partition(partition);
        return where != null && where.leader() == cluster.nodeId();
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        if (!isHere(partition) || replicas.isStored(partition, offset)) {
            return away.read(partition, offset, maxBytes, atLeastOneBatch, isolation);
        }
        ReadResult result = replicas.read(partition, offset, maxBytes, atLeastOneBatch, isolation);
        // A replica that goes, or is to come, says the same as one of a topic that is gone.
        boolean isGone = result.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION;
        return isGone && cluster.image().partition(partition) != null
                ? ReadResult.refused(BrokerError.NOT_LEADER)
                : result;
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        return isHere(partition) && !replicas.isStored(partition, offset)
                ? replicas.onAdvance(partition, offset, isolation, loop, task)
                : away.onAdvance(partition, offset, isolation, loop, task);
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        return isHere(partition) ? replicas.state(partition) : null;
    }

    @Override
    public boolean isOwn() {
        return false;
    }

    @Override
    public void leaderState(Partition partition, Loop loop, Consumer<@Nullable PartitionState> reply) {
        if (isLedHere(partition)) {
            PartitionState state = cluster.local().state(partition);
            loop.run(() -> reply.accept(state));
        } else {
            away.leaderState(partition, loop, reply);
        }
    }

    @Override
    public void leaderStates(Collection<Partition> partitions, Loop loop, LeaderReply reply) {
        List<Partition> here = new ArrayList<>();
        List<Partition> others = new ArrayList<>();
        for (Partition partition : partitions) {
            (isLedHere(partition) ? here : others).add(partition);
        }
        LeaderReply withOwn = (asked, states) -> {
            for (Partition partition : asked) {
                PartitionState state = isLedHere(partition) ? replicas.state(partition) : null;
                if (state != null) {
                    states.putIfAbsent(partition, state);
                }
            }
            reply.told(asked, states);
        };
        if (!here.isEmpty()) {
            loop.run(() -> withOwn.told(here, new HashMap<>()));
        }
        away.leaderStates(others, loop, withOwn);
    }

    @Override
    public void settledWrites(Partition partition, Loop loop, Runnable done) {
        cluster.settledWrites(partition, loop, done);
    }

    @Override
    public void settledEnd(Partition partition, Loop loop, LongConsumer reply) {
        PartitionImage where = cluster.image().partition(partition);
        if (where == null || isHere(partition)) {
            cluster.settledEnd(partition, loop, reply, () -> settledEnd(partition, loop, reply));
            return;
        }
        int epoch = where.leaderEpoch();
        cluster.endAtLeader(where, partition, loop, end -> settled(partition, epoch, end, loop, reply));
    }

    /** Asks again while nobody knows, then waits for it to be committed. The next leader may not have all of it. */
    private void settled(Partition partition, int epoch, long end, Loop loop, LongConsumer reply) {
        if (end < 0 || !cluster.isEpoch(partition, epoch)) {
            loop.schedule(AGAIN_MS, () -> settledEnd(partition, loop, reply));
            return;
        }
        leaderState(partition, loop, state -> {
            if (state != null && state.highWatermark() >= end) {
                reply.accept(end);
            } else {
                loop.schedule(AGAIN_MS, () -> settled(partition, epoch, end, loop, reply));
            }
        });
    }

    /** Who leads looks it up. */
    private Journal leading(Partition partition) {
        return isHere(partition) ? cluster : away;
    }

    /** Who follows may know less than all that is committed, and knows nothing of what is stored. */
    private Journal byTime(Partition partition) {
        return isLedHere(partition) ? cluster : away;
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        byTime(partition).offsetForTime(partition, timestampMs, isolation, loop, reply);
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        byTime(partition).offsetForMaxTimestamp(partition, loop, reply);
    }

    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        return leading(partition).endOfEpoch(partition, leaderEpoch);
    }

    @Override
    public void endOfEpoch(Partition partition, int leaderEpoch, Loop loop, Consumer<EpochEnd> reply) {
        (isLedHere(partition) ? cluster : away).endOfEpoch(partition, leaderEpoch, loop, reply);
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        leading(partition).producers(partition, loop, reply);
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        (isLedHere(partition) ? cluster : away).deleteRecords(partition, beforeOffset, loop, reply);
    }
}
