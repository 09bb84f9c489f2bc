package io.robustmq.journal;

import io.robustmq.core.loop.Cancellable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Those who read a replica on this node that only follows, or wait for more of it. While there are any, the leader tells at once what
 * is committed; else it comes with the next records, or when a fetch has waited for long. Any thread; times are a monotonic clock's.
 */
final class FollowedReaders {
    /** Who was woken comes back when it has read. */
    private static final long GONE_AFTER_NS = TimeUnit.SECONDS.toNanos(10);

    private final Runnable came;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean wereThere;
    private volatile long lastCameNs;

    /** @param came runs when there are readers, and there were none */
    FollowedReaders(Runnable came) {
        this.came = came;
    }

    boolean areThere(long nowNs) {
        return waiting.get() > 0 || (wereThere && nowNs - lastCameNs < GONE_AFTER_NS);
    }

    /** Somebody looks at what is committed. */
    void look(long nowNs) {
        boolean isFirst = !areThere(nowNs);
        lastCameNs = nowNs;
        wereThere = true;
        if (isFirst) {
            came.run();
        }
    }

    /** @param register begins the wait, at whose end, if it is not cancelled, the task given to it runs */
    Cancellable await(long nowNs, Runnable task, Function<Runnable, Cancellable> register) {
        look(nowNs);
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
            waiting.decrementAndGet();
        }
    }
}
