package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stored session at one moment. Immutable.
 *
 * @param parkedAtMs 0 if it was connected
 * @param sent up to where messages were sent that were stored before
 * @param flows outgoing, in the order of sending
 * @param receipts incoming, in no order
 * @param shares what it has settled of shared subscriptions
 * @param will not published yet; null for none
 */
public record SessionSnapshot(
        String clientId,
        long expirySeconds,
        long parkedAtMs,
        List<StoredSubscription> subscriptions,
        Map<Partition, Long> positions,
        Map<SentOf, Long> sent,
        List<StoredFlow> flows,
        List<StoredReceipt> receipts,
        List<StoredShare> shares,
        @Nullable StoredWill will) {
    public SessionSnapshot {
        subscriptions = List.copyOf(subscriptions);
        positions = Map.copyOf(positions);
        sent = Map.copyOf(sent);
        flows = List.copyOf(flows);
        receipts = List.copyOf(receipts);
        shares = List.copyOf(shares);
    }
}
