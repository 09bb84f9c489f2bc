package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import java.util.List;
import java.util.Map;

/**
 * A stored session at one moment. Immutable.
 *
 * @param parkedAtMs 0 if it was connected
 */
public record SessionSnapshot(
        String clientId,
        long expirySeconds,
        long parkedAtMs,
        List<StoredSubscription> subscriptions,
        Map<Partition, Long> positions) {
    public SessionSnapshot {
        subscriptions = List.copyOf(subscriptions);
        positions = Map.copyOf(positions);
    }
}
