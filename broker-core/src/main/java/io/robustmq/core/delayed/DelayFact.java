package io.robustmq.core.delayed;

import io.robustmq.core.model.Partition;

/** What happened to a delayed message. */
public sealed interface DelayFact {
    String id();

    /** It waits. */
    record MessageDelayed(DelayedMessage message) implements DelayFact {
        @Override
        public String id() {
            return message.id();
        }
    }

    /** It waits no more. */
    record MessageGone(String id) implements DelayFact {}

    /** It is about to be appended. */
    record PublishBegun(String id, Partition partition, long fromOffset) implements DelayFact {}

    /** Nothing is remembered of its publishing. */
    record PublishForgotten(String id) implements DelayFact {}
}
