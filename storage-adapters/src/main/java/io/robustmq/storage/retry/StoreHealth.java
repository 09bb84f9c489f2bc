package io.robustmq.storage.retry;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Since when a store has not answered, and what its calls came to. Any thread. */
public final class StoreHealth {
    private static final Logger log = LoggerFactory.getLogger(StoreHealth.class);

    private record Down(long sinceMs, String reason) {}

    private final String storeName;
    private final RetryClock clock;
    private final AtomicReference<@Nullable Down> down = new AtomicReference<>();
    private final LongAdder retries = new LongAdder();
    private final LongAdder givenUp = new LongAdder();

    StoreHealth(String storeName, RetryClock clock) {
        this.storeName = storeName;
        this.clock = clock;
    }

    /** How long nothing has succeeded, counted from the first failure; empty while the store answers. */
    public OptionalLong downForMs() {
        Down now = down.get();
        return now == null ? OptionalLong.empty() : OptionalLong.of(clock.nowMs() - now.sinceMs);
    }

    /** Of the first failure; empty while the store answers. */
    public String downReason() {
        Down now = down.get();
        return now == null ? "" : now.reason;
    }

    /** Calls that were made again. */
    public long retries() {
        return retries.sum();
    }

    /** Calls that failed although they could have been made again: there was no time, or no token left. */
    public long givenUp() {
        return givenUp.sum();
    }

    void answered() {
        if (down.get() == null) {
            return;
        }
        Down before = down.getAndSet(null);
        if (before != null) {
            log.info("store={} state=down→up downMs={}", storeName, clock.nowMs() - before.sinceMs);
        }
    }

    void failed(String reason) {
        if (down.get() == null && down.compareAndSet(null, new Down(clock.nowMs(), reason))) {
            log.warn("store={} state=up→down reason={}", storeName, reason);
        }
    }

    void retried() {
        retries.increment();
    }

    void gaveUp() {
        givenUp.increment();
    }
}
