package io.robustmq.mqtt.deliver;

import org.jspecify.annotations.Nullable;

/** How far a new subscription has got with its retained messages. Owned by the session's loop. */
final class RetainedCursor {
    private final Subscription subscription;
    private @Nullable String from;

    RetainedCursor(Subscription subscription) {
        this.subscription = subscription;
    }

    Subscription subscription() {
        return subscription;
    }

    String filter() {
        return subscription.filter().filter();
    }

    /** Null for the start. */
    @Nullable
    String from() {
        return from;
    }

    void from(String topic) {
        from = topic;
    }
}
