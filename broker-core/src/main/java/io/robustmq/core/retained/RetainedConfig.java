package io.robustmq.core.retained;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/** How many retained messages a node keeps. */
public record RetainedConfig(int countMax, long bytesMax) {
    public static final ConfigKey<Integer> COUNT_MAX = ConfigKey.integer("mqtt.retained.count.max", 1_000_000)
            .min(0)
            .doc("Topics with a retained message, in the whole cluster; a message for one more is not retained");
    public static final ConfigKey<Long> BYTES_MAX = ConfigKey.bytes("mqtt.retained.bytes.max", 512L << 20)
            .min(0)
            .doc("Memory on each node for retained messages: payloads, topics and properties; every node holds all");

    public static List<ConfigKey<?>> keys() {
        return List.of(COUNT_MAX, BYTES_MAX);
    }

    public static RetainedConfig from(Configuration configuration) {
        return new RetainedConfig(configuration.get(COUNT_MAX), configuration.get(BYTES_MAX));
    }
}
