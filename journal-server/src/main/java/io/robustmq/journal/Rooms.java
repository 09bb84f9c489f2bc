package io.robustmq.journal;

import io.robustmq.core.port.SegmentStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Which stores have no room, as appends find out. Any thread; times are a monotonic clock's.
 *
 * <pre>
 *   room ── an append finds none ──► full ── none did for a while ──► room
 * </pre>
 *
 * Who leads depends on it, so it does not change to and fro: what becomes full again soon is full for twice as long.
 */
final class Rooms {
    static final long QUIET_NS = TimeUnit.SECONDS.toNanos(15);
    static final long QUIET_NS_MAX = TimeUnit.MINUTES.toNanos(16);

    private final Map<SegmentStore, Room> stores = new ConcurrentHashMap<>();

    /** @param untilNs full until then, if nothing happens */
    private record Room(boolean full, long untilNs, long quietNs) {
        private Room found(long nowNs) {
            if (full) {
                return new Room(true, nowNs + quietNs, quietNs);
            }
            boolean soon = nowNs - untilNs < 2 * quietNs;
            long quiet = soon ? Math.min(2 * quietNs, QUIET_NS_MAX) : QUIET_NS;
            return new Room(true, nowNs + quiet, quiet);
        }

        private Room at(long nowNs) {
            return full && nowNs - untilNs >= 0 ? new Room(false, untilNs, quietNs) : this;
        }
    }

    /** An append found no room. */
    void full(SegmentStore store, long nowNs) {
        stores.compute(
                store,
                (key, before) -> before == null
                        ? new Room(true, nowNs + QUIET_NS, QUIET_NS)
                        : before.at(nowNs).found(nowNs));
    }

    /** Whether no store was ever full, which costs nothing to know. */
    boolean neverFull() {
        return stores.isEmpty();
    }

    boolean isFull(SegmentStore store, long nowNs) {
        Room now = stores.computeIfPresent(store, (key, before) -> before.at(nowNs));
        return now != null && now.full;
    }
}
