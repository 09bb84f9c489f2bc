package io.robustmq.journal.replica;

import io.robustmq.core.quota.Bucket;
import org.jspecify.annotations.Nullable;

/**
 * Holds what this node sends to, or fetches for, replicas that are not in sync to the node's rates. What is taken is counted
 * when it is there, and who owes time waits. Replicas in sync are never held and never counted: they would fall behind.
 * Thread-safe; the time is passed in.
 */
public final class ReplicaThrottle {
    public static final long NO_RATE = Long.MAX_VALUE;
    /** Who waits looks this often whether there is another rate by now. */
    static final int WAIT_MS_MAX = 1_000;

    private static final int BURST_MS = 1_000;

    private final Side sends;
    private final Side fetches;

    /** What this node does in a copy. */
    public enum Role {
        SENDS,
        FETCHES
    }

    /** Bytes a second. */
    public record Rates(long sent, long fetched, long moved) {
        public static final Rates NONE = new Rates(NO_RATE, NO_RATE, NO_RATE);
    }

    /** The rates of one role. */
    private static final class Side {
        private volatile Limit listed = Limit.NONE;
        private volatile Limit moved = Limit.NONE;
    }

    /** A rate and what was taken of it; without a bucket nothing is limited, or, at rate 0, all is. */
    private record Limit(long rate, @Nullable Bucket bucket) {
        private static final Limit NONE = new Limit(NO_RATE, null);

        private static Limit of(long rate, long nowNanos) {
            boolean limits = rate > 0 && rate != NO_RATE;
            return new Limit(rate, limits ? new Bucket((double) rate, BURST_MS, nowNanos) : null);
        }

        private Limit changed(long newRate, long nowNanos) {
            return newRate == rate ? this : of(newRate, nowNanos);
        }

        private int waitMs(long nowNanos) {
            return bucket != null ? bucket.waitMs(nowNanos) : rate == 0 ? WAIT_MS_MAX : 0;
        }
    }

    private final ThrottleMetrics metrics;

    public ReplicaThrottle(ThrottleMetrics metrics) {
        this.metrics = metrics;
        this.sends = new Side();
        this.fetches = new Side();
    }

    /** In one thread at a time. A rate that stays keeps what is owed. */
    public void rates(Rates rates, long nowNanos) {
        sends.listed = sends.listed.changed(rates.sent(), nowNanos);
        fetches.listed = fetches.listed.changed(rates.fetched(), nowNanos);
        sends.moved = sends.moved.changed(rates.moved(), nowNanos);
        fetches.moved = fetches.moved.changed(rates.moved(), nowNanos);
    }

    /** How long nothing is to be copied, at most {@link #WAIT_MS_MAX} at a time; 0 when it may be now. */
    int waitMs(Role role, Held held, long nowNanos) {
        Side side = side(role);
        int wait = Math.max(
                held.listed() ? side.listed.waitMs(nowNanos) : 0, held.moving() ? side.moved.waitMs(nowNanos) : 0);
        if (wait > 0) {
            (role == Role.SENDS ? metrics.sendingHeld() : metrics.fetchingHeld()).increment();
        }
        return Math.min(wait, WAIT_MS_MAX);
    }

    /** How much to copy at once: no more than a second's worth, so that what is owed is soon paid for. */
    int bytesMax(Role role, Held held, int otherwise) {
        Side side = side(role);
        long most = Math.min(held.listed() ? side.listed.rate : NO_RATE, held.moving() ? side.moved.rate : NO_RATE);
        return (int) Math.max(1, Math.min(most, otherwise));
    }

    void took(Role role, Held held, int bytes, long nowNanos) {
        Side side = side(role);
        boolean listed = held.listed() && take(side.listed, bytes, nowNanos);
        boolean moving = held.moving() && take(side.moved, bytes, nowNanos);
        if (listed || moving) {
            (role == Role.SENDS ? metrics.sentBytes() : metrics.fetchedBytes()).increment(bytes);
        }
    }

    private static boolean take(Limit limit, int bytes, long nowNanos) {
        Bucket bucket = limit.bucket;
        if (bucket != null) {
            int unused = bucket.take(bytes, nowNanos);
        }
        return limit.rate != NO_RATE;
    }

    private Side side(Role role) {
        return role == Role.SENDS ? sends : fetches;
    }
}
