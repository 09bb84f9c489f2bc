package io.robustmq.mqtt.deliver;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session that gets a message, all its overlapping subscriptions taken together: one copy at the highest QoS with every
 * subscription identifier [MQTT-3.3.4-2]. Immutable.
 *
 * @param subscriptionIds null for none
 * @param via the share that chose the session; null when its own subscriptions match
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the hot path reads it
record Target(
        Session session,
        int qos,
        boolean retainAsPublished,
        int @Nullable [] subscriptionIds,
        ShareGroup.@Nullable Member via) {

    static Target of(Subscription subscription, ShareGroup.@Nullable Member via) {
        return new Target(
                subscription.session(),
                subscription.qos(),
                subscription.retainAsPublished(),
                subscription.id() == 0 ? null : new int[] {subscription.id()},
                via);
    }

    /** Of subscriptions of one session; there is at least one. */
    static Target of(List<Subscription> subscriptions) {
        Target merged = of(subscriptions.get(0), null);
        for (int i = 1; i < subscriptions.size(); i++) {
            merged = merged.with(subscriptions.get(i));
        }
        return merged;
    }

    private Target with(Subscription other) {
        int[] ids = subscriptionIds;
        if (other.id() != 0) {
            ids = ids == null ? new int[1] : Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = other.id();
        }
        return new Target(
                session, Math.max(qos, other.qos()), retainAsPublished || other.retainAsPublished(), ids, null);
    }
}
