package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.TopicSettings;
import java.util.Map;

/** What Kafka clients may set on a topic, and Kafka's codes for where a value comes from and what it is. */
final class TopicConfigs {
    static final byte SOURCE_TOPIC = 1;
    static final byte SOURCE_NODE = 2;
    static final byte SOURCE_ALL_NODES = 3;
    static final byte SOURCE_STATIC = 4;
    static final byte SOURCE_DEFAULT = 5;

    private TopicConfigs() {}

    /** The reason why the topic cannot have these values, empty when it can. */
    static String check(Map<String, String> configs) {
        try {
            TopicSettings unused = TopicSettings.of(configs);
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    static byte typeCode(ConfigKey.Type type) {
        return switch (type) {
            case BOOLEAN -> 1;
            case STRING -> 2;
            case INT -> 3;
            case LONG -> 5;
            case DOUBLE -> 6;
            case LIST -> 7;
        };
    }
}
