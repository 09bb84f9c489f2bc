package io.robustmq.kafka.telemetry;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * When clients asked and pushed last, so that none does so more often than it is told. Thread-safe, and bounded: beyond the limit
 * clients are not remembered, and not accepted.
 */
final class ClientInstances {
    /** A client may push somewhat earlier than told: the interval is the client's clock. */
    private static final double EARLY = 0.5;

    private static final long FORGET_AFTER_NANOS = TimeUnit.HOURS.toNanos(1) + TimeUnit.MINUTES.toNanos(10);
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int max;
    private final Map<Uuid, Instance> instances = new ConcurrentHashMap<>();
    private volatile long sweptAtNanos;

    ClientInstances(int max) {
        this.max = max;
    }

    /** A client asks what is wanted; it may do so early when it was told that something else is. */
    Errors asks(Uuid id, Wanted wanted, long nowNanos) {
        Instance known = instances.get(id);
        if (known == null && !hasRoom(nowNanos)) {
            return Errors.THROTTLING_QUOTA_EXCEEDED;
        }
        if (known != null && known.wantedId() == wanted.id() && isEarly(known.askedAtNanos(), wanted, nowNanos)) {
            return Errors.THROTTLING_QUOTA_EXCEEDED;
        }
        long never = nowNanos - FORGET_AFTER_NANOS;
        instances.put(id, new Instance(wanted.id(), nowNanos, known == null ? never : known.pushedAtNanos(), false));
        return Errors.NONE;
    }

    /** A client pushes; the last time, out of turn, when it ends. */
    Errors pushes(Uuid id, int wantedId, boolean terminating, Wanted wanted, long nowNanos) {
        Instance known = instances.get(id);
        if (wantedId != wanted.id()) {
            return Errors.UNKNOWN_SUBSCRIPTION_ID;
        }
        if (known == null) {
            // Another node, or this one before it was started anew, told the client what is wanted.
            if (!hasRoom(nowNanos)) {
                return Errors.THROTTLING_QUOTA_EXCEEDED;
            }
        } else if (known.terminated()) {
            return Errors.INVALID_REQUEST;
        } else if (!terminating && isEarly(known.pushedAtNanos(), wanted, nowNanos)) {
            return Errors.THROTTLING_QUOTA_EXCEEDED;
        }
        long askedAt = known == null ? nowNanos : known.askedAtNanos();
        instances.put(id, new Instance(wanted.id(), askedAt, nowNanos, terminating));
        return Errors.NONE;
    }

    private static boolean isEarly(long lastNanos, Wanted wanted, long nowNanos) {
        return nowNanos - lastNanos < TimeUnit.MILLISECONDS.toNanos((long) (wanted.intervalMs() * EARLY));
    }

    private boolean hasRoom(long nowNanos) {
        if (instances.size() >= max && nowNanos - sweptAtNanos > SWEEP_NANOS) {
            sweptAtNanos = nowNanos;
            instances.values().removeIf(each -> nowNanos - each.lastNanos() > FORGET_AFTER_NANOS || each.terminated());
        }
        return instances.size() < max;
    }

    private record Instance(int wantedId, long askedAtNanos, long pushedAtNanos, boolean terminated) {
        long lastNanos() {
            return Math.max(askedAtNanos, pushedAtNanos);
        }
    }
}
