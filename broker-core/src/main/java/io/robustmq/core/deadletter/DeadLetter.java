package io.robustmq.core.deadletter;

import io.robustmq.core.model.Partition;

/**
 * Records next to each other that a group has given up, each delivered equally often. Each gets a record of its own in the
 * dead letter queue.
 */
public record DeadLetter(String groupId, Partition source, long first, long last, int deliveries, Cause cause) {
    /** Why nobody gets the records any more. */
    public enum Cause {
        REJECTED("Offset rejected by client."),
        EXHAUSTED("Offset delivery count exceeded the threshold.");

        private final String text;

        Cause(String text) {
            this.text = text;
        }

        /** In Apache Kafka's words, which programs may compare. */
        String text() {
            return text;
        }
    }
}
