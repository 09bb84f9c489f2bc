package io.robustmq.mqtt.limits;

import java.util.concurrent.atomic.AtomicLong;

/**
 * So many units a second, and a second's worth at once: keeps the time at which everything taken so far is paid for, and nothing
 * else. Thread-safe, without waiting.
 */
public final class Pace {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long perSecond;
    private final AtomicLong paidAtNanos;

    /**
     * Nothing taken yet.
     *
     * @param perSecond 0 for no limit
     */
    public Pace(long perSecond, long nowNanos) {
        this.perSecond = perSecond;
        this.paidAtNanos = new AtomicLong(nowNanos);
    }

    /** Takes the units, whatever was taken before; how many nanoseconds to take nothing more. */
    long take(long units, long nowNanos) {
        if (perSecond == 0) {
            return 0;
        }
        long cost = (long) ((double) units * NANOS_PER_SECOND / perSecond);
        long before;
        long after;
        do {
            before = paidAtNanos.get();
            after = (before - nowNanos < 0 ? nowNanos : before) + cost;
        } while (!paidAtNanos.compareAndSet(before, after));
        return Math.max(0, after - nowNanos - NANOS_PER_SECOND);
    }
}
