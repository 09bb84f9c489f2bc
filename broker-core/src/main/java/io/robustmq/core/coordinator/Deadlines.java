package io.robustmq.core.coordinator;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When to look at what again. A deadline that moves away is left where it is and found to be early when it comes, so a
 * heartbeat costs nothing here. Owned by the coordinator's loop.
 */
public final class Deadlines<T extends Deadlines.Timed> {
    private final PriorityQueue<Entry<T>> queue = new PriorityQueue<>(Comparator.comparingLong(Entry::atMs));

    private record Entry<T>(long atMs, T what) {}

    /** What has deadlines: remembers the one it is queued for. */
    public abstract static class Timed {
        private long wakeAtMs = Decider.NEVER;
    }

    /** Looks at it at {@code atMs} at the latest. */
    public void want(T what, long atMs) {
        Timed timed = what;
        if (atMs < timed.wakeAtMs) {
            timed.wakeAtMs = atMs;
            queue.add(new Entry<>(atMs, what));
        }
    }

    /** The next one whose time has come, or null. */
    public @Nullable T due(long nowMs) {
        Entry<T> first = queue.peek();
        while (first != null && first.atMs <= nowMs) {
            queue.remove();
            Timed timed = first.what;
            if (first.atMs == timed.wakeAtMs) {
                timed.wakeAtMs = Decider.NEVER;
                return first.what;
            }
            first = queue.peek();
        }
        return null;
    }

    public long nextMs() {
        Entry<T> first = queue.peek();
        return first == null ? Decider.NEVER : first.atMs;
    }
}
