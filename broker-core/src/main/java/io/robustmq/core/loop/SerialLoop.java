package io.robustmq.core.loop;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop without a thread of its own: tasks run one at a time and in order, at the end of the turn of whichever loop of the
 * group brought the first of them, or in the home loop when they come from elsewhere. So work that starts and ends on a
 * connection's loop needs no hop, and what several loops bring at once is done together by one of them.
 */
public final class SerialLoop implements Loop {
    private static final Logger LOG = LoggerFactory.getLogger(SerialLoop.class);
    /** Then the rest waits for another turn, so that connections of the carrying loop are not starved. */
    private static final int TASKS_PER_TURN = 256;

    private final Loop[] carriers;
    private final Loop home;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Runnable turn = this::turn;
    private volatile @Nullable Thread owner;

    public SerialLoop(LoopGroup group, Loop home) {
        this.carriers = group.loops().toArray(new Loop[0]);
        this.home = home;
    }

    @Override
    public boolean inLoop() {
        return owner == Thread.currentThread();
    }

    @Override
    public void execute(Runnable task) {
        tasks.offer(task);
        carry();
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        return home.schedule(delayMs, () -> execute(task));
    }

    @Override
    public long nowMs() {
        return home.nowMs();
    }

    @Override
    public long nanoTime() {
        return home.nanoTime();
    }

    private void carry() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            carrier().execute(turn);
        }
    }

    private Loop carrier() {
        for (Loop loop : carriers) {
            if (loop.inLoop()) {
                return loop;
            }
        }
        return home;
    }

    private void turn() {
        owner = Thread.currentThread();
        try {
            Runnable task = tasks.poll();
            for (int done = 1; task != null; done++) {
                run(task, LOG);
                task = done < TASKS_PER_TURN ? tasks.poll() : null;
            }
        } finally {
            owner = null;
            scheduled.set(false);
        }
        if (!tasks.isEmpty()) {
            carry();
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // a loop driver: a task that fails must not take the others with it
    private static void run(Runnable task, Logger log) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            log.error("a task failed", e);
        }
    }
}
