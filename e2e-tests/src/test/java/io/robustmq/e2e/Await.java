package io.robustmq.e2e;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Polls until something holds, and says what did not hold when the deadline passes. */
public final class Await {
    static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Await() {}

    /** A question that may fail with an exception while its answer is still no. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** A question with an answer that may not be there yet. */
    public interface Probe<T> {
        Optional<T> look() throws Exception;
    }

    public static void until(String what, Condition condition) {
        until(what, DEADLINE, condition);
    }

    public static void until(String what, Duration deadline, Condition condition) {
        get(what, deadline, () -> condition.holds() ? Optional.of(true) : Optional.empty());
    }

    public static <T> T get(String what, Duration deadline, Probe<T> probe) {
        long end = System.nanoTime() + deadline.toNanos();
        Exception last = null;
        while (true) {
            try {
                Optional<T> found = probe.look();
                if (found.isPresent()) {
                    return found.get();
                }
                last = null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting until " + what, e);
            } catch (Exception e) {
                last = e;
            }
            if (System.nanoTime() > end) {
                throw expired(what, deadline, last);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static AssertionError expired(String what, Duration deadline, @Nullable Exception last) {
        return new AssertionError("not within " + deadline.toSeconds() + " s: " + what, last);
    }
}
