package io.robustmq.journal.tier;

import io.robustmq.core.quota.Bucket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Holds threads that may wait to a rate of bytes, all together. */
final class Rate {
    private static final int BURST_MS = 1_000;

    private final @Nullable Bucket bucket;

    Rate(long bytesPerSecond) {
        this.bucket = bytesPerSecond == Long.MAX_VALUE
                ? null
                : new Bucket((double) bytesPerSecond, BURST_MS, System.nanoTime());
    }

    /** Returns when what was taken is paid for. */
    void take(int bytes) {
        if (bucket != null) {
            long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(bucket.take(bytes, System.nanoTime()));
            long left = untilNanos - System.nanoTime();
            while (left > 0 && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(left);
                left = untilNanos - System.nanoTime();
            }
        }
    }
}
