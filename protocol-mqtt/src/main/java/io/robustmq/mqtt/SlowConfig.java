package io.robustmq.mqtt;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/** Who counts as a slow subscriber. */
public record SlowConfig(int thresholdMs, int countMax, int seconds) {
    public static final SlowConfig OFF = new SlowConfig(0, 0, 0);

    public static final ConfigKey<Integer> THRESHOLD_MS = ConfigKey.integer("mqtt.slow.threshold.ms", 500)
            .min(0)
            .doc(
                    "A subscriber is slow when a message takes it so long from its publish, or the subscriber's connect if that"
                            + " was later, to its acknowledgement, with QoS 0 to the socket; 0: nobody is.");
    public static final ConfigKey<Integer> COUNT_MAX = ConfigKey.integer("mqtt.slow.count.max", 100)
            .min(1)
            .max(10_000)
            .doc("How many slow subscribers are remembered, the slowest.");
    public static final ConfigKey<Integer> SECONDS = ConfigKey.integer("mqtt.slow.seconds", 300)
            .min(1)
            .doc("How long a slow subscriber is remembered after it was slow last.");

    public static List<ConfigKey<?>> keys() {
        return List.of(THRESHOLD_MS, COUNT_MAX, SECONDS);
    }

    public static SlowConfig from(Configuration values) {
        return new SlowConfig(values.get(THRESHOLD_MS), values.get(COUNT_MAX), values.get(SECONDS));
    }
}
