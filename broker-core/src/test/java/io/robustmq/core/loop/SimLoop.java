package io.robustmq.core.loop;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** A loop whose time stands still until a test moves it. Everything runs in the test's thread, in a fixed order. */
public final class SimLoop implements Loop, LoopGroup {
    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::atMs).thenComparingLong(Timer::sequence));
    private long elapsedMs;
    private final long startMs;
    private long sequence;
    private boolean running;

    public SimLoop() {
        this(1_700_000_000_000L);
    }

    public SimLoop(long startMs) {
        this.startMs = startMs;
    }

    /** Runs everything that is due now, and what that leads to. */
    public void run() {
        boolean outer = running;
        running = true;
        try {
            Runnable task = ready.poll();
            while (task != null) {
                task.run();
                task = ready.poll();
            }
        } finally {
            running = outer;
        }
    }

    /** Runs one task that is due now; false if there is none. */
    public boolean runOne() {
        Runnable task = ready.poll();
        if (task == null) {
            return false;
        }
        running = true;
        try {
            task.run();
        } finally {
            running = false;
        }
        return true;
    }

    /** Moves the time, stopping at every timer on the way. */
    public void advance(long ms) {
        run();
        long until = elapsedMs + ms;
        while (!timers.isEmpty() && timers.peek().atMs() <= until) {
            Timer timer = timers.remove();
            elapsedMs = Math.max(elapsedMs, timer.atMs());
            ready.add(timer.task());
            run();
        }
        elapsedMs = until;
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
        ready.add(task);
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        Timer timer = new Timer(elapsedMs + Math.max(0, delayMs), sequence++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    public int timerCount() {
        return timers.size();
    }

    @Override
    public long nowMs() {
        return startMs + elapsedMs;
    }

    @Override
    public long nanoTime() {
        return elapsedMs * 1_000_000;
    }

    @Override
    public List<Loop> loops() {
        return List.of(this);
    }

    private record Timer(long atMs, long sequence, Runnable task) {}
}
