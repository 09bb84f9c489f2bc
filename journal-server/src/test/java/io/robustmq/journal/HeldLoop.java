package io.robustmq.journal;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A loop that is busy: what it is told waits until the test lets it have a turn. */
final class HeldLoop implements Loop {
    private final Loop clock;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    HeldLoop(Loop clock) {
        this.clock = clock;
    }

    boolean isToldSomething() {
        return !tasks.isEmpty();
    }

    void turn() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Override
    public boolean inLoop() {
        return false;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        return clock.schedule(delayMs, () -> execute(task));
    }

    @Override
    public long nowMs() {
        return clock.nowMs();
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }
}
