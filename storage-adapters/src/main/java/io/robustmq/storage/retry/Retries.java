package io.robustmq.storage.retry;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Makes a call until it has an answer or the policy is at its end. Any thread; sleeps in the caller's. */
final class Retries {
    /** Bytes that were damaged on the way arrive well the next time; those that were stored so do not. */
    private static final int CORRUPT_ATTEMPTS_MAX = 2;

    /** One call of a store. */
    @FunctionalInterface
    interface Call<T> {
        T run() throws IOException;
    }

    private final RetryPolicy policy;
    private final RetryClock clock;
    private final RetryBudget budget;
    private final StoreHealth health;

    Retries(RetryPolicy policy, RetryClock clock, StoreHealth health) {
        this.policy = policy;
        this.clock = clock;
        this.budget = new RetryBudget(policy);
        this.health = health;
    }

    <T> T run(Call<T> call) throws IOException {
        return run(call, () -> true);
    }

    /** Makes the call again only while it {@code canBeRepeated}. */
    <T> T run(Call<T> call, BooleanSupplier canBeRepeated) throws IOException {
        long startMs = clock.nowMs();
        for (int attempt = 1; ; attempt++) {
            try {
                T answer = call.run();
                health.answered();
                if (attempt == 1) {
                    budget.giveBack();
                }
                return answer;
            } catch (StoreException e) {
                note(e);
                if (!isWorthAnother(e.kind(), attempt) || !canBeRepeated.getAsBoolean()) {
                    throw e;
                }
                pause(e, attempt, startMs);
                health.retried();
            }
        }
    }

    private void note(StoreException failure) {
        boolean answered =
                switch (failure.kind()) {
                    case NOT_FOUND, EXISTS, CORRUPT, FULL -> true;
                    case RETRIABLE, FATAL -> false;
                };
        if (answered) {
            health.answered();
        } else {
            health.failed(String.valueOf(failure.getMessage()));
        }
    }

    private static boolean isWorthAnother(Kind kind, int attempt) {
        return switch (kind) {
            case RETRIABLE -> true;
            case CORRUPT -> attempt < CORRUPT_ATTEMPTS_MAX;
            case FULL, FATAL, NOT_FOUND, EXISTS -> false;
        };
    }

    /** Throws {@code failure} if there is no next attempt. */
    private void pause(StoreException failure, int attempt, long startMs) throws StoreException {
        long longestMs = policy.pauseMsMax(attempt);
        long pauseMs = longestMs / 2 + clock.random(longestMs - longestMs / 2 + 1);
        boolean isLast = attempt >= policy.attemptsMax() || clock.nowMs() - startMs + pauseMs > policy.callMsMax();
        if (isLast || !budget.take()) {
            health.gaveUp();
            throw failure;
        }
        try {
            clock.sleepMs(pauseMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure.addSuppressed(e);
            throw failure;
        }
    }
}
