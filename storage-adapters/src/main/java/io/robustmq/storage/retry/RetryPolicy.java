package io.robustmq.storage.retry;

/**
 * How often and how long a call is repeated.
 *
 * @param attemptsMax of one call, the first included
 * @param backoffMsMin the longest pause before the first repetition; it doubles with each. A pause is between half of that
 *     and all of it, by chance
 * @param backoffMsMax the longest pause of all
 * @param callMsMax no repetition begins that long after the call
 * @param tokensMax for all calls together: each repetition takes {@code tokensPerRetry}, each call that succeeds at once gives
 *     one back. Without tokens nothing is repeated, so that a store that is down is asked once per call and not more
 */
public record RetryPolicy(
        int attemptsMax, long backoffMsMin, long backoffMsMax, long callMsMax, int tokensMax, int tokensPerRetry) {
    public static final RetryPolicy DEFAULT = new RetryPolicy(6, 100, 10_000, 60_000, 500, 10);

    public RetryPolicy {
        if (attemptsMax < 1 || backoffMsMin < 1 || backoffMsMax < backoffMsMin || callMsMax < 0) {
            throw new IllegalArgumentException(
                    "no such retries: " + attemptsMax + " " + backoffMsMin + " " + callMsMax);
        }
        if (tokensMax < 0 || tokensPerRetry < 0) {
            throw new IllegalArgumentException("no such tokens: " + tokensMax + " " + tokensPerRetry);
        }
    }

    /** The longest pause after the given attempt, which counts from 1. */
    long pauseMsMax(int attempt) {
        int doublings = Math.min(attempt - 1, 30);
        return Math.min(backoffMsMax, backoffMsMin << doublings);
    }
}
