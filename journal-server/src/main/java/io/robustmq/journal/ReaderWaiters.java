package io.robustmq.journal;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Isolation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * Readers waiting for more to become visible in one shard. Registered and cancelled in any thread, woken by the shard loop.
 * A reader registers first and looks at the view after, the shard publishes first and looks here after: none is missed.
 */
final class ReaderWaiters {
    private static final int POLL_MS = 20;

    private final int waitersMax;
    private final Map<Waiter, Boolean> waiters = new ConcurrentHashMap<>();

    ReaderWaiters(int waitersMax) {
        this.waitersMax = waitersMax;
    }

    /** @param due whether the waiter need not wait, by the newest view */
    Cancellable add(long offset, Isolation isolation, Loop loop, Runnable task, Predicate<Waiter> due) {
        Waiter waiter = new Waiter(offset, isolation, loop, task);
        if (waiters.size() >= waitersMax) {
            poll(waiter, due);
            return waiter;
        }
        waiters.put(waiter, Boolean.TRUE);
        if (due.test(waiter)) {
            waiter.fire();
        }
        return waiter;
    }

    void wake(Predicate<Waiter> due) {
        if (waiters.isEmpty()) {
            return;
        }
        for (Waiter waiter : waiters.keySet()) {
            if (due.test(waiter)) {
                waiter.fire();
            }
        }
    }

    void wakeAll() {
        wake(waiter -> true);
    }

    int size() {
        return waiters.size();
    }

    private void poll(Waiter waiter, Predicate<Waiter> due) {
        if (due.test(waiter)) {
            waiter.fire();
        } else if (!waiter.done.get()) {
            waiter.loop.schedule(POLL_MS, () -> poll(waiter, due));
        }
    }

    /** One registration; compared by identity. */
    final class Waiter implements Cancellable {
        final long offset;
        final Isolation isolation;
        private final Loop loop;
        private final Runnable task;
        private final AtomicBoolean done = new AtomicBoolean();
        private volatile boolean cancelled;

        Waiter(long offset, Isolation isolation, Loop loop, Runnable task) {
            this.offset = offset;
            this.isolation = isolation;
            this.loop = loop;
            this.task = task;
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (done.compareAndSet(false, true)) {
                waiters.remove(this);
            }
        }

        private void fire() {
            if (done.compareAndSet(false, true)) {
                waiters.remove(this);
                loop.execute(this::runUnlessCancelled);
            }
        }

        private void runUnlessCancelled() {
            if (!cancelled) {
                task.run();
            }
        }
    }
}
