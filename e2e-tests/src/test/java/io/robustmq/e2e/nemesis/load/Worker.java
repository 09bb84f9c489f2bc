package io.robustmq.e2e.nemesis.load;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A load with one thread, which does one thing after another. */
abstract class Worker implements Load {
    private static final Duration PATIENCE = Duration.ofSeconds(150);

    private final String name;
    private final Thread thread;
    private final AtomicLong progress = new AtomicLong();
    private volatile boolean stopped;

    Worker(String name) {
        this.name = name;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    final void begin() {
        thread.start();
    }

    /** Until {@link #isStopped()}. */
    abstract void run();

    final boolean isStopped() {
        return stopped;
    }

    final void progressed() {
        progress.incrementAndGet();
    }

    static void rest(long ms) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final long progress() {
        return progress.get();
    }

    @Override
    public void stop() {
        stopped = true;
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            throw new AssertionError(name + " does not end");
        }
    }
}
