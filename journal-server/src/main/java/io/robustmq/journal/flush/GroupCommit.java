package io.robustmq.journal.flush;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Flushes one store's partitions in its own threads, so that no loop waits for a disk. Each flush covers whatever was written
 * when it begins; what arrives during it waits for the next, which is one for all. A few partitions flush their own files,
 * several at a time, because the file system joins flushes that run together; what comes beyond them shares the sync of a
 * write-ahead file. Bounded by the number of flushables: each is queued at most once. {@link #submit} from any thread.
 */
public final class GroupCommit implements AutoCloseable {
    private static final int CLOSE_SECONDS_MAX = 30;

    private final FlushConfig config;
    private final FlushMetrics metrics;
    private final ExecutorService threads;
    private final AtomicInteger ownFlushes = new AtomicInteger();
    private final @Nullable SharedFlush shared;

    public GroupCommit(SegmentStore store, FlushConfig config, FlushMetrics metrics) {
        this.config = config;
        this.metrics = metrics;
        AtomicInteger count = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(
                config.threads(), daemon(() -> "journal-flush-" + count.getAndIncrement()));
        // Though it may not be written: a start with another configuration may have left one.
        boolean replays = store.durable() && store.overwrites();
        this.shared = replays ? new SharedFlush(store, config, metrics, this::flushOwnFiles) : null;
    }

    /** The store as the shards must see it. */
    public SegmentStore guard(SegmentStore store) {
        return shared == null ? store : shared.guard(store);
    }

    public @Nullable SharedFlush shared() {
        return shared;
    }

    public void submit(Flushable flushable) {
        if (shared != null && config.shared() && (!shared.isIdle() || ownFlushes.get() >= config.filesMax())) {
            shared.submit(flushable);
        } else {
            flushOwnFiles(flushable);
        }
    }

    /** Finishes what is queued. After the shards. */
    @Override
    public void close() {
        if (shared != null) {
            shared.close();
        }
        close(threads);
    }

    static void close(ExecutorService executor) {
        executor.shutdown();
        try {
            executor.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static ThreadFactory daemon(Supplier<String> name) {
        return task -> {
            Thread thread = new Thread(task, name.get());
            thread.setDaemon(true);
            return thread;
        };
    }

    private void flushOwnFiles(Flushable flushable) {
        ownFlushes.incrementAndGet();
        threads.execute(() -> run(flushable));
    }

    private void run(Flushable flushable) {
        long startNs = System.nanoTime();
        try {
            flushable.beginFlush().force();
        } catch (IOException | RuntimeException | Error e) {
            flushable.flushFailed(e);
            return;
        } finally {
            ownFlushes.decrementAndGet();
        }
        metrics.fileFlush().record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
        flushable.flushed();
    }
}
