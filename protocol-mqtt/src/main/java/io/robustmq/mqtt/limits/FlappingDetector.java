package io.robustmq.mqtt.limits;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds clients that come and go all the time: those that lost more connections within a window than they may. Remembers a bounded
 * number of clients, those that left last. Owned by one loop.
 */
public final class FlappingDetector {
    private static final int CLIENTS_MAX = 20_000;

    private final int leavesMax;
    private final long windowMs;
    private final Map<String, Leaves> byClient;

    private record Leaves(long sinceMs, int count) {}

    /**
     * Knows of nobody.
     *
     * @param leavesMax 0: nobody flaps
     */
    public FlappingDetector(int leavesMax, long windowMs) {
        this.leavesMax = leavesMax;
        this.windowMs = windowMs;
        this.byClient = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Leaves> eldest) {
                return size() > CLIENTS_MAX;
            }
        };
    }

    public boolean isOn() {
        return leavesMax > 0;
    }

    /** A client's connection ended; whether that was once too often. Then it begins anew. */
    public boolean left(String clientId, long nowMs) {
        Leaves before = byClient.get(clientId);
        Leaves now = before != null && nowMs - before.sinceMs < windowMs
                ? new Leaves(before.sinceMs, before.count + 1)
                : new Leaves(nowMs, 1);
        if (now.count > leavesMax) {
            byClient.remove(clientId);
            return true;
        }
        byClient.put(clientId, now);
        return false;
    }

    int size() {
        return byClient.size();
    }
}
