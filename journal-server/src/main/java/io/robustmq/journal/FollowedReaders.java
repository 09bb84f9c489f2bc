package io.robustmq.journal;

import io.robustmq.core.loop.Cancellable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Those who read a replica on this node that only follows, or wait for more of it. While there are any, the leader tells at once what
 * is committed; else it comes with the next records, or when a fetch has waited for long. Any thread.
 */
final class FollowedReaders {
    /** Who was woken comes back when it has read. */
    private static final long GONE_AFTER_NS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier nanoTime;
    private final Runnable came;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean wereThere;
    private volatile long lastThereNs;

    /** @param came runs when there are readers, and there were none */
    FollowedReaders(LongSupplier nanoTime, Runnable came) {
        this.nanoTime = nanoTime;
        this.came = came;
    }

    boolean areThere() {
        return waiting.get() > 0 || (wereThere && nanoTime.getAsLong() - lastThereNs < GONE_AFTER_NS);
    }

    /** Somebody looks at what is committed. */
    void look() {
        boolean isFirst = !areThere();
        lastThereNs = nanoTime.getAsLong();
        wereThere = true;
        if (isFirst) {
            came.run();
        }
    }

    /** @param register begins the wait, at whose end, if it is not cancelled, the task given to it runs */
    Cancellable await(Runnable task, Function<Runnable, Cancellable> register) {
        look();
        waiting.incrementAndGet();
        AtomicBoolean waits = new AtomicBoolean(true);
        Cancellable wait = register.apply(() -> {
            leave(waits);
            task.run();
        });
        return () -> {
            wait.cancel();
            leave(waits);
        };
    }

    private void leave(AtomicBoolean waits) {
        if (waits.compareAndSet(true, false)) {
            lastThereNs = nanoTime.getAsLong();
            waiting.decrementAndGet();
        }
    }
}
