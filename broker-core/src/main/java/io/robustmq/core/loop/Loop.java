package io.robustmq.core.loop;

import java.util.concurrent.Executor;

/**
 * One thread that runs tasks in order and owns the state given to it. Tasks submitted from one thread run in the order of
 * submission. Time is the loop's, so that a simulation can move it.
 */
public interface Loop extends Executor {
    boolean inLoop();

    /** Runs {@code task} here and now when called in the loop, else hands it over. */
    default void run(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Runs the task in the loop after {@code delayMs}, never in the caller's frame. */
    Cancellable schedule(long delayMs, Runnable task);

    /** Wall-clock milliseconds since the epoch, for timestamps. */
    long nowMs();

    /** Monotonic nanoseconds, for deadlines and measurements. */
    long nanoTime();

    default void assertInLoop() {
        assert inLoop() : "not in the owning loop";
    }
}
