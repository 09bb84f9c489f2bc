package io.robustmq.journal;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of appends that are not answered yet, against a limit. Any thread. */
public final class Inflight {
    /** What an append costs besides its bytes, so that the limit bounds their number too. */
    private static final int OVERHEAD_BYTES = 512;

    private final long bytesMax;
    private final AtomicLong used = new AtomicLong();

    public Inflight(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    public boolean take(int bytes) {
        long cost = (long) bytes + OVERHEAD_BYTES;
        if (used.addAndGet(cost) <= bytesMax) {
            return true;
        }
        used.addAndGet(-cost);
        return false;
    }

    public void give(int bytes) {
        used.addAndGet(-((long) bytes + OVERHEAD_BYTES));
    }

    long used() {
        return used.get();
    }
}
