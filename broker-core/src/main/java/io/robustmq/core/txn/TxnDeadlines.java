package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Decider;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** When to look at which transactional id again. A deadline that moves away is found to be early when it comes. */
final class TxnDeadlines {
    private final PriorityQueue<Entry> queue = new PriorityQueue<>(Comparator.comparingLong(Entry::atMs));

    private record Entry(long atMs, Txn txn) {}

    /** Looks at it when its next deadline comes. */
    void want(Txn txn) {
        long atMs = txn.nextDeadlineMs();
        if (atMs < txn.wakeAtMs) {
            txn.wakeAtMs = atMs;
            queue.add(new Entry(atMs, txn));
        }
    }

    /** The next one whose time has come, or null. */
    @Nullable
    Txn due(long nowMs) {
        Entry first = queue.peek();
        while (first != null && first.atMs <= nowMs) {
            queue.remove();
            if (first.atMs == first.txn.wakeAtMs) {
                first.txn.wakeAtMs = Decider.NEVER;
                return first.txn;
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
