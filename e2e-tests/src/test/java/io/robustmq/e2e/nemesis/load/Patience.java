package io.robustmq.e2e.nemesis.load;

import java.util.Map;

/** What Kafka clients are told to put up with: a node that does not answer is asked again soon, and nothing is given up for long. */
final class Patience {
    private static final int ANSWER_MS = 2_500;
    private static final int GIVE_UP_MS = 120_000;

    private Patience() {}

    static Map<String, Object> producing() {
        return Map.of(
                "acks",
                "all",
                "request.timeout.ms",
                ANSWER_MS,
                "delivery.timeout.ms",
                GIVE_UP_MS,
                "max.block.ms",
                GIVE_UP_MS);
    }

    static Map<String, Object> consuming() {
        return Map.of("request.timeout.ms", ANSWER_MS, "isolation.level", "read_committed");
    }

    static Map<String, Object> administering(String bootstrap) {
        return Map.of(
                "bootstrap.servers", bootstrap, "request.timeout.ms", ANSWER_MS, "default.api.timeout.ms", 10_000);
    }
}
