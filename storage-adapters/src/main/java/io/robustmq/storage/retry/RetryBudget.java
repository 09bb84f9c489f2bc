package io.robustmq.storage.retry;

import java.util.concurrent.atomic.AtomicInteger;

/** What all calls together may spend on repetitions. Any thread. */
final class RetryBudget {
    private final int tokensMax;
    private final int tokensPerRetry;
    private final AtomicInteger tokens;

    RetryBudget(RetryPolicy policy) {
        this.tokensMax = policy.tokensMax();
        this.tokensPerRetry = policy.tokensPerRetry();
        this.tokens = new AtomicInteger(tokensMax);
    }

    boolean take() {
        int before = tokens.get();
        while (before >= tokensPerRetry) {
            if (tokens.compareAndSet(before, before - tokensPerRetry)) {
                return true;
            }
            before = tokens.get();
        }
        return false;
    }

    void giveBack() {
        if (tokens.get() < tokensMax) {
            tokens.updateAndGet(now -> Math.min(tokensMax, now + 1));
        }
    }
}
