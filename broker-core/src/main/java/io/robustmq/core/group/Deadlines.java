package io.robustmq.core.group;

import io.robustmq.core.coordinator.Decider;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When to look at which group again. A deadline that moves away is left where it is and found to be early when it comes,
 * so a heartbeat costs nothing here. Owned by the coordinator's loop.
 */
final class Deadlines {
    private final PriorityQueue<Entry> queue = new PriorityQueue<>(Comparator.comparingLong(Entry::atMs));

    private record Entry(long atMs, Group group) {}

    /** Looks at the group at {@code atMs} at the latest. */
    void want(Group group, long atMs) {
        if (atMs < group.wakeAtMs) {
            group.wakeAtMs = atMs;
            queue.add(new Entry(atMs, group));
        }
    }

    /** The next group whose time has come, or null. */
    @Nullable
    Group due(long nowMs) {
        Entry first = queue.peek();
        while (first != null && first.atMs <= nowMs) {
            queue.remove();
            if (first.atMs == first.group.wakeAtMs) {
                first.group.wakeAtMs = Decider.NEVER;
                return first.group;
            }
            first = queue.peek();
        }
        return null;
    }

    long nextMs() {
        Entry first = queue.peek();
        return first == null ? Decider.NEVER : first.atMs;
    }
}
