package io.robustmq.mqtt.deliver;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who holds which {@code $exclusive/} subscription: one session each, connected or not, until it unsubscribes or ends. Thread-safe. */
public final class Exclusives {
    private final Map<String, Session> holders = new ConcurrentHashMap<>();

    /** False when another session has it. */
    public boolean take(String filter, Session session) {
        Session holder = holders.putIfAbsent(filter, session);
        return holder == null || holder == session;
    }

    void release(Subscription subscription) {
        if (subscription.filter().isExclusive()) {
            holders.remove(subscription.filter().filter(), subscription.session());
        }
    }

    void restore(Subscription subscription) {
        if (subscription.filter().isExclusive()) {
            holders.putIfAbsent(subscription.filter().filter(), subscription.session());
        }
    }
}
