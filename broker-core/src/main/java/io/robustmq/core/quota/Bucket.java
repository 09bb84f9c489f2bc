package io.robustmq.core.quota;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A leaking bucket as one number: the moment at which all that was taken is paid for. What is taken is always given, and the
 * taker is told how long to stay away until the rate holds again. Thread-safe without a lock; the time is passed in.
 */
public final class Bucket {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_NANOS = TimeUnit.HOURS.toNanos(1);

    private final double perSecond;
    private final long burstNanos;
    private final AtomicLong paidAtNanos;

    /**
     * A full bucket.
     *
     * @param burstMs what this time's worth of the rate may be taken at once by who took nothing before
     */
    public Bucket(double perSecond, long burstMs, long nowNanos) {
        if (!(perSecond > 0) || burstMs < 0) {
            throw new IllegalArgumentException("rate " + perSecond + ", burst " + burstMs);
        }
        this.perSecond = perSecond;
        this.burstNanos = TimeUnit.MILLISECONDS.toNanos(burstMs);
        this.paidAtNanos = new AtomicLong(nowNanos - burstNanos);
    }

    /** What may be taken at once of a full bucket. */
    public double burst() {
        return perSecond * (double) burstNanos / NANOS_PER_SECOND;
    }

    /** Takes {@code amount}; the milliseconds until as much as was taken is paid for, 0 when it is already. */
    public int take(double amount, long nowNanos) {
        long costNanos = costNanos(amount);
        while (true) {
            long paidAt = paidAtNanos.get();
            long from = Math.max(paidAt - nowNanos, -burstNanos);
            long owed = Math.min(LONGEST_NANOS, from + costNanos);
            if (paidAtNanos.compareAndSet(paidAt, nowNanos + owed)) {
                return toMillis(owed);
            }
        }
    }

    /** As {@link #take}, but who would owe time takes nothing. */
    public int tryTake(double amount, long nowNanos) {
        long costNanos = costNanos(amount);
        while (true) {
            long paidAt = paidAtNanos.get();
            long owed = Math.max(paidAt - nowNanos, -burstNanos) + costNanos;
            if (owed > 0) {
                return toMillis(owed);
            }
            if (paidAtNanos.compareAndSet(paidAt, nowNanos + owed)) {
                return 0;
            }
        }
    }

    private long costNanos(double amount) {
        return (long) Math.min((double) LONGEST_NANOS, amount / perSecond * NANOS_PER_SECOND);
    }

    /** What {@link #take} would answer for nothing: how long to wait before anything should be taken. */
    public int waitMs(long nowNanos) {
        return toMillis(paidAtNanos.get() - nowNanos);
    }

    /** Nothing is owed: a new bucket would be the same. */
    public boolean isFull(long nowNanos) {
        return paidAtNanos.get() - nowNanos <= -burstNanos;
    }

    private static int toMillis(long owedNanos) {
        return owedNanos <= 0 ? 0 : (int) TimeUnit.NANOSECONDS.toMillis(owedNanos + 999_999);
    }
}
