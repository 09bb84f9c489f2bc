package io.robustmq.journal;

import io.robustmq.core.loop.Loop;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for disk work that is neither an append nor its flush. Upkeep is bounded by the number of segments; look-ups come
 * from clients, so their queue has a limit, and what finds it full tries again later.
 */
final class DiskThreads implements AutoCloseable {
    private static final int LOOKUP_THREADS = 2;
    private static final int LOOKUPS_MAX = 1024;
    private static final int RETRY_MS = 20;
    private static final int CLOSE_SECONDS_MAX = 30;

    private final ExecutorService upkeep;
    private final ThreadPoolExecutor lookups;

    DiskThreads(int threads) {
        this.upkeep = Executors.newFixedThreadPool(threads, named("journal-disk-"));
        this.lookups = new ThreadPoolExecutor(
                LOOKUP_THREADS,
                LOOKUP_THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(LOOKUPS_MAX),
                named("journal-lookup-"));
        lookups.allowCoreThreadTimeOut(true);
    }

    Executor upkeep() {
        return upkeep;
    }

    void lookUp(Loop loop, Runnable task) {
        try {
            lookups.execute(task);
        } catch (RejectedExecutionException e) {
            if (!lookups.isShutdown()) {
                loop.schedule(RETRY_MS, () -> lookUp(loop, task));
            }
        }
    }

    /** Finishes what is queued. */
    @Override
    public void close() {
        lookups.shutdown();
        upkeep.shutdown();
        try {
            upkeep.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
            lookups.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }
}
