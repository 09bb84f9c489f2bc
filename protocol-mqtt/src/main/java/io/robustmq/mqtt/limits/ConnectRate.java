package io.robustmq.mqtt.limits;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections there were in this second, in all and by address. Bounded by the first: who is refused there is not
 * counted by address. Thread-safe, without waiting.
 */
public final class ConnectRate {
    private final int perSecondMax;
    private final int perAddressMax;
    private volatile Second now = new Second(0);

    private static final class Second {
        final long number;
        final AtomicInteger count = new AtomicInteger();
        final Map<String, AtomicInteger> byAddress = new ConcurrentHashMap<>();

        Second(long number) {
            this.number = number;
        }
    }

    /**
     * Nobody came yet.
     *
     * @param perAddressMax 0 for no limit
     */
    public ConnectRate(int perSecondMax, int perAddressMax) {
        this.perSecondMax = perSecondMax;
        this.perAddressMax = perAddressMax;
    }

    /** Somebody connects; whether that is within what all together may. */
    public boolean admits(long nowNanos) {
        return at(nowNanos).count.incrementAndGet() <= perSecondMax;
    }

    /** Somebody who was admitted connects from this address; whether that is within what one address may. */
    public boolean admits(String address, long nowNanos) {
        return perAddressMax == 0
                || at(nowNanos)
                                .byAddress
                                .computeIfAbsent(address, a -> new AtomicInteger())
                                .incrementAndGet()
                        <= perAddressMax;
    }

    /** At the turn of a second one count more or less may be lost. */
    private Second at(long nowNanos) {
        long number = Math.floorDiv(nowNanos, 1_000_000_000L);
        Second current = now;
        if (current.number != number) {
            current = new Second(number);
            now = current;
        }
        return current;
    }
}
