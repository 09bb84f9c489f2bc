package io.robustmq.core.deadletter;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/** What share groups may have as their dead letter queues. */
public record DeadLetterConfig(boolean createsTopics, String prefix) {
    public static final ConfigKey<Boolean> CREATES_TOPICS = ConfigKey.bool(
                    "errors.deadletterqueue.auto.create.topics.enable", false)
            .doc("Whether a dead letter queue that a share group names is created when the first letter comes.");
    public static final ConfigKey<String> PREFIX = ConfigKey.string("errors.deadletterqueue.topic.name.prefix", "dlq.")
            .doc("Letters are only written to topics whose names begin so; empty for any.");

    /** Of one group, set as the configuration of Kafka's GROUP resource. */
    public static final ConfigKey<String> GROUP_TOPIC = ConfigKey.checked(
                    "errors.deadletterqueue.topic.name", "", DeadLetterConfig::checkTopic)
            .doc("The topic that gets what the share group gives up; empty for none. It must have "
                    + "errors.deadletterqueue.group.enable=true.");

    public static final ConfigKey<Boolean> GROUP_COPIES = ConfigKey.bool(
                    "errors.deadletterqueue.copy.record.enable", false)
            .doc("Whether letters have key, value and headers of the record, or only say where it is.");

    public static List<ConfigKey<?>> keys() {
        return List.of(CREATES_TOPICS, PREFIX);
    }

    public static List<ConfigKey<?>> groupKeys() {
        return List.of(GROUP_TOPIC, GROUP_COPIES);
    }

    public static DeadLetterConfig from(Configuration c) {
        return new DeadLetterConfig(c.get(CREATES_TOPICS), c.get(PREFIX));
    }

    private static void checkTopic(String name) {
        if (name.startsWith("__")) {
            throw new IllegalArgumentException("DLQ topic name must not start with '__'");
        }
    }
}
