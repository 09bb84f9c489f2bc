package io.robustmq.storage.retry;

import java.util.concurrent.ThreadLocalRandom;

/** Time and chance, as retries need them. Any thread. */
public interface RetryClock {
    RetryClock SYSTEM = new RetryClock() {
        @Override
        public long nowMs() {
            return System.nanoTime() / 1_000_000;
        }

        @Override
        public void sleepMs(long durationMs) throws InterruptedException {
            Thread.sleep(durationMs);
        }

        @Override
        public long random(long bound) {
            return ThreadLocalRandom.current().nextLong(bound);
        }
    };

    /** Goes on steadily, from any beginning. */
    long nowMs();

    void sleepMs(long durationMs) throws InterruptedException;

    /** From 0 to less than {@code bound}. */
    long random(long bound);
}
