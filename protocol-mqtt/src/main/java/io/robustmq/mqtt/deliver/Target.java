package io.robustmq.mqtt.deliver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
        @Nullable ShareSeat via) {

    static Target of(Subscription subscription, @Nullable ShareSeat via) {
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

    /**
     * How a message comes to the session of these subscriptions; null if it does not.
     *
     * @param via the share or the one subscription that it came by; null when any may match
     */
    static @Nullable Target of(Collection<Subscription> subscriptions, Message message, @Nullable Object via) {
        if (via instanceof ShareSeat seat) {
            return seat.target();
        }
        if (via instanceof Subscription subscription) {
            return of(subscription, null);
        }
        List<Subscription> matches = null;
        for (Subscription subscription : subscriptions) {
            if (subscription.wants(message)) {
                matches = matches == null ? new ArrayList<>(1) : matches;
                matches.add(subscription);
            }
        }
        return matches == null ? null : of(matches);
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
