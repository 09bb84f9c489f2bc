package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;

/** A second loop of a simulated node: it runs what the first hands over, but never at once. */
final class LateLoop implements Loop {
    private static final int LATE_MS = 1;

    private final Loop loop;
    private boolean running;

    LateLoop(Loop loop) {
        this.loop = loop;
    }

    private Runnable mine(Runnable task) {
        return () -> {
            running = true;
            try {
                task.run();
            } finally {
                running = false;
            }
        };
    }

    @Override
    public void run(Runnable task) {
        if (running) {
            task.run();
        } else {
            execute(task);
        }
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public void execute(Runnable task) {
        schedule(LATE_MS, task);
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        return loop.schedule(delayMs, mine(task));
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
