package io.robustmq.mqtt.codec;

import org.agrona.collections.Object2IntHashMap;

/**
 * The aliases that one connection sends topics by: the first topics that come get one each, up to the client's maximum
 * [MQTT-3.1.2-26]. Gone with the connection. Owned by its loop.
 */
final class TopicAliases {
    static final int NONE = 0;
    /** An alias takes three bytes itself. */
    private static final int TOPIC_LENGTH_MIN = 4;

    private final Object2IntHashMap<String> byTopic = new Object2IntHashMap<>(NONE);
    private final int max;

    TopicAliases(int max) {
        this.max = max;
    }

    /** The topic that the alias stands for; empty if none does. Looks at all. */
    String topicOf(int alias) {
        for (var entry : byTopic.entrySet()) {
            if (entry.getValue() == alias) {
                return entry.getKey();
            }
        }
        return "";
    }

    /** The alias that stands for the topic; negative when the client is to be told it with this packet. */
    int of(String topic) {
        int known = byTopic.getValue(topic);
        if (known != NONE || byTopic.size() >= max || topic.length() < TOPIC_LENGTH_MIN) {
            return known;
        }
        int alias = byTopic.size() + 1;
        byTopic.put(topic, alias);
        return -alias;
    }
}
