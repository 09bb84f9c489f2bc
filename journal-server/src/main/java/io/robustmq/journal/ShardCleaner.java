package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.StoreException;
import io.robustmq.journal.clean.BatchCleaner;
import io.robustmq.journal.clean.CleanPlan;
import io.robustmq.journal.clean.KeyOffsets;
import io.robustmq.journal.log.CleanJob;
import io.robustmq.journal.log.DeleteJob;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.log.Swap;
import io.robustmq.journal.shard.ProducerTable;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts one shard. Owned by the shard loop; disk threads take the steps, one at a time.
 *
 * <pre>
 *   IDLE ──► WAITING ──► stepping ⇄ committing a swap ──► IDLE
 * </pre>
 */
final class ShardCleaner {
    private static final Logger LOG = LoggerFactory.getLogger(ShardCleaner.class);
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final long NS_PER_MS = 1_000_000L;

    private final Shard shard;
    private final ShardContext context;
    private final SerialExecutor disk;
    private final SegmentedLog log;
    private final ProducerTable producers;
    private final Runnable whenSwapped;
    private TopicSettings settings;
    private boolean busy;
    /** The bytes are not what the cleaner can read; only other settings or a new start make it try again. */
    private boolean unreadable;

    private @Nullable CleanJob job;
    private @Nullable Runnable whenStopped;
    private Cancellable throttled = Cancellable.NOTHING;
    private long startedNs;
    private long bytesFreed;

    ShardCleaner(
            Shard shard,
            ShardContext context,
            SerialExecutor disk,
            SegmentedLog log,
            ProducerTable producers,
            TopicSettings settings,
            Runnable whenSwapped) {
        this.shard = shard;
        this.context = context;
        this.disk = disk;
        this.log = log;
        this.producers = producers;
        this.settings = settings;
        this.whenSwapped = whenSwapped;
    }

    Loop loop() {
        return shard.loop;
    }

    void check(TopicSettings now) {
        unreadable &= now.equals(settings);
        settings = now;
        if (!busy && !unreadable && now.compacts() && plan() != null) {
            busy = true;
            context.cleaner().ask(this);
        }
    }

    /** It is this shard's turn. */
    void begin(Supplier<KeyOffsets> keys) {
        CleanPlan plan = whenStopped == null && shard.isOpen() && settings.compacts() ? plan() : null;
        if (plan == null) {
            end();
            return;
        }
        startedNs = shard.loop.nanoTime();
        bytesFreed = 0;
        CleanJob begun;
        try {
            begun = log.cleanJob(
                    plan,
                    keys.get(),
                    producers.lastOffsets(BatchCleaner.UNKNOWN, BatchCleaner.NO_DATA),
                    shard.flush.durableOffset(),
                    shard.loop.nowMs(),
                    context.config().decompressedBytesMax());
        } catch (RuntimeException | Error e) {
            LOG.error("shard={} action=compact later", shard.partition, e);
            end();
            return;
        }
        job = begun;
        step(begun);
    }

    /** {@code stopped} runs in the loop when no disk thread works for this shard any more. Once. */
    void stop(Runnable stopped) {
        if (job == null) {
            stopped.run();
            return;
        }
        whenStopped = stopped;
        throttled.cancel();
        if (throttled != Cancellable.NOTHING) {
            throttled = Cancellable.NOTHING;
            abandon(job);
        }
    }

    private @Nullable CleanPlan plan() {
        return log.cleanPlan(shard.loop.nowMs(), log.view().state().lastStableOffset());
    }

    private void step(CleanJob running) {
        context.disk().execute(() -> {
            try {
                CleanJob.Next next = running.step();
                shard.loop.execute(() -> onStepped(running, next));
            } catch (IOException | RuntimeException | Error e) {
                shard.loop.execute(() -> onFailed(running, e));
            }
        });
    }

    private void onStepped(CleanJob running, CleanJob.Next next) {
        if (whenStopped != null || !shard.isOpen()) {
            abandon(running);
            return;
        }
        switch (next) {
            case STEP -> throttle(running);
            case SWAP -> commit(running);
            case DONE -> done(running);
        }
    }

    private void throttle(CleanJob running) {
        long rate = context.config().cleanerBytesPerSecond();
        long dueNs = (long) ((double) running.bytesMoved() / rate * NS_PER_SECOND);
        long aheadMs = (dueNs - (shard.loop.nanoTime() - startedNs)) / NS_PER_MS;
        if (aheadMs <= 0) {
            step(running);
            return;
        }
        throttled = shard.loop.schedule(aheadMs, () -> {
            // One that was cancelled may run all the same.
            if (job == running && whenStopped == null) {
                throttled = Cancellable.NOTHING;
                step(running);
            }
        });
    }

    /** In the shard's own order of disk work: nothing is deleted that the swap is about to replace. */
    private void commit(CleanJob running) {
        Swap swap = running.swap();
        if (!log.beginSwap(swap)) {
            abandon(running);
            return;
        }
        disk.execute(() -> {
            try {
                swap.commit();
                shard.loop.execute(() -> onCommitted(running, swap));
            } catch (IOException | RuntimeException | Error e) {
                shard.loop.execute(() -> {
                    log.swapEnded();
                    onFailed(running, e);
                });
            }
        });
    }

    private void onCommitted(CleanJob running, Swap swap) {
        DeleteJob replaced = log.swapped(swap);
        running.swapped();
        bytesFreed += swap.bytesFreed();
        if (shard.isOpen()) {
            whenSwapped.run();
        }
        disk.execute(() -> {
            try {
                replaced.run();
            } catch (IOException | RuntimeException e) {
                LOG.warn(
                        "shard={} segments={} action=delete at the next start reason=\"{}\"",
                        shard.partition,
                        replaced.count(),
                        e.getMessage());
            }
        });
        onStepped(running, CleanJob.Next.STEP);
    }

    private void done(CleanJob running) {
        log.cleaned(running.progress());
        context.metrics().cleaned(running.bytesMoved(), bytesFreed);
        LOG.info(
                "shard={} action=compacted reason=\"{}\" clean={}→{} moved={} freed={}",
                shard.partition,
                running.plan().reason(),
                running.plan().dirtyOffset(),
                running.progress().cleanOffset(),
                running.bytesMoved(),
                bytesFreed);
        end();
        if (running.progress().cleanOffset() < running.plan().endOffset()
                && running.progress().cleanOffset() > running.plan().dirtyOffset()) {
            // The keys did not fit: the next pass takes those that follow.
            check(settings);
        }
    }

    private void onFailed(CleanJob running, Throwable cause) {
        boolean full = cause instanceof StoreException store
                && (store.kind() == StoreException.Kind.FULL || store.kind() == StoreException.Kind.RETRIABLE);
        if (whenStopped != null || !shard.isOpen() || !log.holds(running)) {
            LOG.debug("shard={} action=stop compacting reason=\"the log went on without it\"", shard.partition, cause);
        } else if (full) {
            LOG.warn("shard={} action=compact later reason=\"{}\"", shard.partition, cause.getMessage());
        } else {
            unreadable = true;
            context.metrics().uncleanable.increment();
            LOG.error("shard={} action=compact no more until the next start or change", shard.partition, cause);
        }
        abandon(running);
    }

    private void abandon(CleanJob running) {
        context.disk().execute(() -> {
            try {
                running.abandon();
            } catch (IOException | RuntimeException | Error e) {
                LOG.warn("shard={} action=forget at the next start reason=\"{}\"", shard.partition, e.getMessage());
            }
            shard.loop.execute(this::end);
        });
    }

    private void end() {
        job = null;
        busy = false;
        Runnable stopped = whenStopped;
        whenStopped = null;
        context.cleaner().finished();
        if (stopped != null) {
            stopped.run();
        }
    }
}
