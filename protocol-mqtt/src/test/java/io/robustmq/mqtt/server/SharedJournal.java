package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
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
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The in-memory journal for several loops: one call at a time. */
final class SharedJournal implements Journal, MetaListener {
    private final InMemoryJournal journal;

    private int kept = Integer.MAX_VALUE;
    private int lost;
    private int timesRefused;
    private @Nullable Partition failing;
    private InMemoryJournal.@Nullable Fault failure;

    SharedJournal(InMemoryJournal journal) {
        this.journal = journal;
    }

    @Override
    public synchronized void onImage(MetaDelta delta, MetaImage image) {
        journal.onImage(delta, image);
    }

    @Override
    public synchronized void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        if (kept == 0) {
            lost++;
            batches.release();
            return;
        }
        kept -= kept == Integer.MAX_VALUE ? 0 : 1;
        if (partition.equals(failing) && failure != null) {
            journal.failNext(failure.error(), failure.written());
            failing = null;
        }
        journal.append(partition, batches, options, new MortalLoop(loop), reply);
    }

    /** The next append to the partition is answered with this, and stored all the same if it is {@code written}. */
    synchronized void failNext(Partition partition, BrokerError error, boolean written) {
        failing = partition;
        failure = new InMemoryJournal.Fault(error, written);
    }

    /** The next append is not stored. */
    synchronized void failNext(BrokerError error) {
        journal.failNext(error, false);
    }

    /** After so many appends nothing is stored or answered any more, as if the node had stopped before the next. */
    synchronized void keepOnly(int appends) {
        kept = appends;
        lost = 0;
    }

    /** So many times nobody knows where a time is. */
    synchronized void refuseTimes(int times) {
        timesRefused = times;
    }

    synchronized int timesRefused() {
        return timesRefused;
    }

    synchronized void keepAll() {
        kept = Integer.MAX_VALUE;
    }

    /** Appends that were lost since {@link #keepOnly}. */
    synchronized int lost() {
        return lost;
    }

    @Override
    public synchronized ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        return journal.read(partition, offset, maxBytes, atLeastOneBatch, isolation);
    }

    @Override
    public synchronized Cancellable onAdvance(
            Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        Cancellable waiter = journal.onAdvance(partition, offset, isolation, new MortalLoop(loop), task);
        return () -> {
            synchronized (this) {
                waiter.cancel();
            }
        };
    }

    @Override
    public synchronized @Nullable PartitionState state(Partition partition) {
        return journal.state(partition);
    }

    @Override
    public synchronized void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        if (timesRefused > 0) {
            timesRefused--;
            loop.execute(() -> reply.accept(TimestampedOffset.refused(BrokerError.STORAGE_ERROR)));
            return;
        }
        journal.offsetForTime(partition, timestampMs, isolation, loop, reply);
    }

    @Override
    public synchronized void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        journal.offsetForMaxTimestamp(partition, loop, reply);
    }

    @Override
    public synchronized EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        return journal.endOfEpoch(partition, leaderEpoch);
    }

    /** A loop that may have ended: nobody misses what is handed to it then. */
    private record MortalLoop(Loop loop) implements Loop {
        @Override
        public boolean inLoop() {
            return loop.inLoop();
        }

        @Override
        public void execute(Runnable task) {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException e) {
                assertThat(e).hasMessageContaining("terminated");
            }
        }

        @Override
        public Cancellable schedule(long delayMs, Runnable task) {
            return loop.schedule(delayMs, task);
        }

        @Override
        public long nowMs() {
            return loop.nowMs();
        }

        @Override
        public long nanoTime() {
            return loop.nanoTime();
        }
    }

    @Override
    public synchronized void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        journal.producers(partition, loop, reply);
    }

    @Override
    public synchronized void deleteRecords(
            Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        journal.deleteRecords(partition, beforeOffset, loop, reply);
    }
}
