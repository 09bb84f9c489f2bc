package io.robustmq.journal;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;

/** Runs a task in a loop again and again until closed. */
final class Ticker implements AutoCloseable {
    private final Loop loop;
    private final long intervalMs;
    private final Runnable task;
    private volatile boolean closed;
    private volatile Cancellable next = Cancellable.NOTHING;

    Ticker(Loop loop, long intervalMs, Runnable task) {
        this.loop = loop;
        this.intervalMs = intervalMs;
        this.task = task;
    }

    void start() {
        next = loop.schedule(intervalMs, this::tick);
    }

    @Override
    public void close() {
        closed = true;
        next.cancel();
    }

    private void tick() {
        if (!closed) {
            start();
            task.run();
        }
    }
}
