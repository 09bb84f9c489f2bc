package io.robustmq.journal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the disk work of one shard in order, one task at a time, in whichever thread is free: side files never go back to
 * older content, and files are let go after all else. Any thread.
 */
final class SerialExecutor implements Executor {
    private final Executor threads;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Runnable runOne = this::runOne;

    SerialExecutor(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            threads.execute(runOne);
        }
    }

    private void runOne() {
        try {
            tasks.remove().run();
        } finally {
            if (pending.decrementAndGet() > 0) {
                threads.execute(runOne);
            }
        }
    }
}
