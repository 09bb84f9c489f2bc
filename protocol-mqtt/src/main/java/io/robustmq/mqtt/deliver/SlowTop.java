package io.robustmq.mqtt.deliver;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The clients that took longest, of those seen lately: a bounded number. Owned by one loop. */
final class SlowTop {
    private final int countMax;
    private final long keptMs;
    private final Map<String, SlowClient> byClient = new HashMap<>();
    /** Nobody who is quicker gets in while there is no room. */
    private long floorMs;

    private long floorSinceMs;

    SlowTop(int countMax, long keptMs) {
        this.countMax = countMax;
        this.keptMs = keptMs;
    }

    /** It took a client so long to take a message of this topic of the log. */
    void took(String clientId, String topic, long ms, long nowMs) {
        SlowClient before = byClient.get(clientId);
        if (before != null) {
            boolean worse = ms >= before.worstMs() || isOver(before, nowMs);
            long count = isOver(before, nowMs) ? 1 : before.count() + 1;
            byClient.put(
                    clientId,
                    new SlowClient(
                            clientId, worse ? topic : before.topic(), worse ? ms : before.worstMs(), count, nowMs));
        } else if (byClient.size() < countMax || ms > floorMs || nowMs - floorSinceMs >= keptMs) {
            makeRoom(ms, nowMs);
            if (byClient.size() < countMax) {
                byClient.put(clientId, new SlowClient(clientId, topic, ms, 1, nowMs));
            }
        }
    }

    private void makeRoom(long forMs, long nowMs) {
        if (byClient.size() < countMax) {
            return;
        }
        byClient.values().removeIf(client -> isOver(client, nowMs));
        if (byClient.size() >= countMax) {
            byClient.values().stream()
                    .min(Comparator.comparingLong(SlowClient::worstMs))
                    .filter(least -> least.worstMs() < forMs)
                    .ifPresent(least -> byClient.remove(least.clientId()));
        }
        floorMs =
                byClient.values().stream().mapToLong(SlowClient::worstMs).min().orElse(0);
        floorMs = Math.min(floorMs, forMs);
        floorSinceMs = nowMs;
    }

    private boolean isOver(SlowClient client, long nowMs) {
        return nowMs - client.atMs() >= keptMs;
    }

    /** In no order. */
    List<SlowClient> list(long nowMs) {
        return byClient.values().stream()
                .filter(client -> !isOver(client, nowMs))
                .toList();
    }

    void clear() {
        byClient.clear();
        floorMs = 0;
    }
}
