package io.robustmq.mqtt;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/** How messages reach subscribers, and what publishers are told of them. */
public record DeliveryConfig(
        boolean dropsOldest,
        int topicAliasMax,
        boolean checksPayloadFormat,
        boolean acknowledgesOffset,
        boolean storesQos1,
        ShareStrategy shareStrategy) {
    public static final ConfigKey<String> QUEUE_DROP = ConfigKey.oneOf("mqtt.queue.drop", "new", "new", "oldest")
            .doc(
                    "What a session that is behind by as much as it may loses when a message comes: that one, or its oldest.");
    public static final ConfigKey<Integer> TOPIC_ALIAS_OUT_MAX = ConfigKey.integer("mqtt.topic-alias.out.max", 32)
            .min(0)
            .max(65_535)
            .doc("Topic aliases that a subscriber is sent, at most its own Topic Alias Maximum.");
    public static final ConfigKey<Boolean> PAYLOAD_FORMAT_CHECK = ConfigKey.bool("mqtt.payload-format.check", false)
            .doc("Whether a payload that is said to be UTF-8 but is not is refused, with 0x99.");
    public static final ConfigKey<Boolean> ACK_OFFSET = ConfigKey.bool("mqtt.ack.offset", false)
            .doc("Whether PUBACK and PUBREC of MQTT 5 tell the record's offset as user property offset.");

    public static final ConfigKey<String> INFLIGHT_STORED = ConfigKey.oneOf(
                    "mqtt.inflight.stored", "qos2", "qos2", "all")
            .doc(
                    "Which messages a persistent session is sent only once that is on disk, so that after a crash they come with"
                            + " their packet ids: qos2, or all. Other QoS 1 messages may come with new ones if less than some"
                            + " seconds old.");

    public static final ConfigKey<String> SHARE_STRATEGY = ConfigKey.oneOf(
                    "mqtt.share.strategy", ShareStrategy.LEAST_INFLIGHT.label(), ShareStrategy.labels())
            .doc(
                    "Which member of a shared subscription gets a message. One that leaves as many unacknowledged as it may gets"
                            + " none whatever the strategy.");

    /** Whether records must name who published them. */
    public boolean namesPublishers() {
        return shareStrategy == ShareStrategy.HASH_CLIENT;
    }

    public static List<ConfigKey<?>> keys() {
        return List.of(
                QUEUE_DROP, TOPIC_ALIAS_OUT_MAX, PAYLOAD_FORMAT_CHECK, ACK_OFFSET, INFLIGHT_STORED, SHARE_STRATEGY);
    }

    public static DeliveryConfig from(Configuration values) {
        return new DeliveryConfig(
                values.get(QUEUE_DROP).equals("oldest"),
                values.get(TOPIC_ALIAS_OUT_MAX),
                values.get(PAYLOAD_FORMAT_CHECK),
                values.get(ACK_OFFSET),
                values.get(INFLIGHT_STORED).equals("all"),
                ShareStrategy.of(values.get(SHARE_STRATEGY)));
    }
}
