package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A log of which a node has some partitions and asks others' leaders for the rest, who take a while to answer. One thread. */
final class AwayJournal implements Journal {
    private static final int ANSWER_MS = 3;
    private static final int PATIENCE_MS = 1_000;

    private final InMemoryJournal all;
    final Set<Partition> away = new HashSet<>();
    /** Of which a replica is here that has heard of nothing yet. */
    final Set<Partition> followed = new HashSet<>();
    /** Their leaders do not answer. */
    final Set<Partition> silent = new HashSet<>();
    /** Their leaders answer nobody, who waits for it. */
    final Set<Partition> dying = new HashSet<>();
    /** How often leaders were asked where partitions end. */
    int questions;
    /** Where what was written before the newest epoch ends. */
    final Map<Partition, Long> epochEnds = new HashMap<>();

    /** Of which a replica is here that shows nothing until it catches up. */
    final Set<Partition> behind = new HashSet<>();
    /** Who waits for those. */
    private final List<Runnable> waiting = new ArrayList<>();

    private final Set<Place> come = new HashSet<>();

    private record Place(Partition partition, long offset) {}

    AwayJournal(InMemoryJournal all) {
        this.all = all;
    }

    /** The replica has what its leader has. */
    void catchUp(Partition partition) {
        behind.remove(partition);
        List<Runnable> tasks = List.copyOf(waiting);
        waiting.clear();
        tasks.forEach(Runnable::run);
    }

    @Override
    public boolean isHere(Partition partition) {
        return !away.contains(partition);
    }

    @Override
    public boolean isOwn() {
        return false;
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        all.append(partition, batches, options, loop, reply);
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        if (isHere(partition) || come.remove(new Place(partition, offset))) {
            return all.read(partition, offset, maxBytes, atLeastOneBatch, isolation);
        }
        return silent.contains(partition)
                ? ReadResult.refused(BrokerError.NOT_LEADER)
                : new ReadResult(BrokerError.NONE, null, offset, offset, -1, List.of());
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        if (behind.contains(partition)) {
            waiting.add(() -> loop.run(task));
            return Cancellable.NOTHING;
        }
        if (isHere(partition)) {
            return all.onAdvance(partition, offset, isolation, loop, task);
        }
        if (silent.contains(partition)) {
            return loop.schedule(ANSWER_MS, task);
        }
        boolean[] cancelled = {false};
        Cancellable advance = all.onAdvance(
                partition,
                offset,
                isolation,
                loop,
                () -> loop.schedule(ANSWER_MS, () -> {
                    if (!cancelled[0]) {
                        come.add(new Place(partition, offset));
                        task.run();
                    }
                }));
        return () -> {
            cancelled[0] = true;
            advance.cancel();
        };
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        if (followed.contains(partition) || behind.contains(partition)) {
            return new PartitionState(false, 0, 0, 0, 0, 0, 0);
        }
        return isHere(partition) ? all.state(partition) : null;
    }

    @Override
    public void settledEnd(Partition partition, Loop loop, LongConsumer reply) {
        loop.schedule(ANSWER_MS, () -> {
            if (silent.contains(partition)) {
                settledEnd(partition, loop, reply);
            } else {
                all.settledEnd(partition, loop, reply);
            }
        });
    }

    @Override
    public void leaderState(Partition partition, Loop loop, Consumer<@Nullable PartitionState> reply) {
        loop.schedule(ANSWER_MS, () -> reply.accept(silent.contains(partition) ? null : all.state(partition)));
    }

    @Override
    public void leaderStates(Collection<Partition> partitions, Loop loop, LeaderReply reply) {
        questions++;
        List<Partition> others = new ArrayList<>(partitions);
        others.removeAll(dying);
        List<Partition> mute = new ArrayList<>(partitions);
        mute.removeAll(others);
        if (!mute.isEmpty()) {
            loop.schedule(PATIENCE_MS, () -> reply.told(mute, Map.of()));
        }
        loop.schedule(ANSWER_MS, () -> {
            Map<Partition, PartitionState> states = new HashMap<>();
            for (Partition partition : others) {
                PartitionState state = all.state(partition);
                if (state != null && !silent.contains(partition)) {
                    states.put(partition, state);
                }
            }
            reply.told(others, states);
        });
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        all.offsetForTime(partition, timestampMs, isolation, loop, reply);
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        all.offsetForMaxTimestamp(partition, loop, reply);
    }

    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        Long end = epochEnds.get(partition);
        return end == null ? EpochEnd.UNKNOWN : new EpochEnd(leaderEpoch, end);
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        all.producers(partition, loop, reply);
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        all.deleteRecords(partition, beforeOffset, loop, reply);
    }
}
