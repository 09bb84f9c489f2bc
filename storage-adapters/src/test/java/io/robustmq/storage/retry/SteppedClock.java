package io.robustmq.storage.retry;

import java.util.ArrayList;
import java.util.List;

/** Time that passes by sleeping alone, and chance that always takes the largest. Any thread. */
public final class SteppedClock implements RetryClock {
    private final List<Long> pausesMs = new ArrayList<>();
    private long nowMs;

    @Override
    public synchronized long nowMs() {
        return nowMs;
    }

    @Override
    public synchronized void sleepMs(long durationMs) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        pausesMs.add(durationMs);
        nowMs += durationMs;
    }

    @Override
    public long random(long bound) {
        return bound - 1;
    }

    public synchronized void advanceMs(long durationMs) {
        nowMs += durationMs;
    }

    public synchronized List<Long> pausesMs() {
        return List.copyOf(pausesMs);
    }
}
