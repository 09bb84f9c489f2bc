package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.TransactionMarker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps requests of writes that were given up out of the log before somebody looks through it: they may linger on connections that
 * are closed, or at a leader that stands still. Once anything of a newer epoch is committed, no leader takes them any more. Where
 * nothing else has been stored since, that is an abort marker (KIP-98), which readers pass over. Owned by its writer's loop.
 *
 * <pre>
 *   nothing lingers ── given up ──► lingers ── somebody wants to look ──► marker under way ── stored ──► nothing lingers
 *                                     └────────── a write with newer numbers is stored ─────────────────────┘
 * </pre>
 */
final class WriterFence {
    private static final Logger LOG = LoggerFactory.getLogger(WriterFence.class);
    private static final int AGAIN_MS = 500;
    private static final long NOTHING = -1;
    /** No transaction's coordinator writes it. */
    private static final int NO_COORDINATOR = -1;

    private final Partition partition;
    private final Loop loop;
    private final Consumer<Consumer<AppendResult>> append;
    private final BooleanSupplier isGone;
    private final List<Runnable> waiting = new ArrayList<>(0);
    /** The newest generation of numbers that may come late. */
    private long lingering = NOTHING;

    private boolean isUnderWay;
    private boolean wasRefused;

    /**
     * @param append hands over a marker to the writer, which numbers it; the answer comes in {@code loop}
     * @param isGone whether there is no such partition any more
     */
    WriterFence(Partition partition, Loop loop, Consumer<Consumer<AppendResult>> append, BooleanSupplier isGone) {
        this.partition = partition;
        this.loop = loop;
        this.append = append;
        this.isGone = isGone;
    }

    /** Without numbers; the caller owns it. */
    static ByteBuf marker(long nowMs) {
        return new TransactionMarker(false, NO_COORDINATOR)
                .toBatch(ByteBufAllocator.DEFAULT, RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, nowMs);
    }

    /** Writes that were sent, with numbers up to this generation, which no write gets any more. */
    void givenUp(long generation) {
        lingering = generation;
    }

    void stored(long generation) {
        if (lingering != NOTHING && generation > lingering) {
            lingering = NOTHING;
            letGo();
        }
    }

    /** {@code task} runs when nothing lingers of what was given up before. */
    void whenUp(Runnable task) {
        if (lingering == NOTHING) {
            task.run();
            return;
        }
        waiting.add(task);
        if (!isUnderWay) {
            isUnderWay = true;
            append.accept(this::answered);
        }
    }

    void forget(Runnable task) {
        waiting.remove(task);
    }

    private void answered(AppendResult result) {
        boolean isRefused = PartitionWriter.isTheBatchsFault(result.error());
        if (isRefused && !wasRefused) {
            wasRefused = true;
            LOG.warn(
                    "shard={} action=look without fence reason=\"the leader takes no markers of nodes: {}\"",
                    partition,
                    result.message());
        }
        if (waiting.isEmpty() || isRefused || isGone.getAsBoolean()) {
            isUnderWay = false;
            letGo();
        } else if (result.succeeded()) {
            // More was given up meanwhile.
            append.accept(this::answered);
        } else {
            loop.schedule(AGAIN_MS, this::again);
        }
    }

    private void again() {
        if (waiting.isEmpty()) {
            isUnderWay = false;
        } else {
            append.accept(this::answered);
        }
    }

    private void letGo() {
        List<Runnable> tasks = List.copyOf(waiting);
        waiting.clear();
        tasks.forEach(Runnable::run);
    }
}
