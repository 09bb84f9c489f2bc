package io.robustmq.storage.memory;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all segments of a store may take together. Any thread. */
final class MemoryBudget {
    private final long bytesMax;
    private final AtomicLong used = new AtomicLong();

    MemoryBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    boolean reserve(long bytes) {
        long before;
        do {
            before = used.get();
            if (bytes > bytesMax - before) {
                return false;
            }
        } while (!used.compareAndSet(before, before + bytes));
        return true;
    }

    long max() {
        return bytesMax;
    }

    long used() {
        return used.get();
    }

    void free(long bytes) {
        used.addAndGet(-bytes);
    }
}
