package io.robustmq.mqtt.wire;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * What a decoded packet must keep to whatever the connection's state is, and {@link MqttFrameDecoder} did not look at:
 * the text of topics and filters. Stateless; any thread.
 */
public final class PacketRules {
    private static final String SHARE = "$share/";

    private PacketRules() {}

    /** Why the connection must end for this packet; null if it need not. */
    public static @Nullable Refusal check(MqttMessage message, int version) {
        if (message instanceof MqttPublishMessage publish) {
            return checkPublish(publish, version);
        }
        if (message instanceof MqttSubscribeMessage subscribe) {
            return checkSubscribe(subscribe);
        }
        if (message instanceof MqttUnsubscribeMessage unsubscribe) {
            for (String filter : unsubscribe.payload().topics()) {
                if (isMalformed(filter)) {
                    return malformedFilter(filter);
                }
            }
            return null;
        }
        if (message instanceof MqttConnectMessage connect) {
            return checkConnect(connect, version);
        }
        return null;
    }

    /** An empty topic stands for its alias: the frame decoder saw to it that there is one. */
    private static @Nullable Refusal checkPublish(MqttPublishMessage publish, int version) {
        String topic = publish.variableHeader().topicName();
        if (!topic.isEmpty() && !MqttTopic.isValid(topic)) {
            return new Refusal(Refusal.TOPIC_NAME_INVALID, "PUBLISH to what is no topic name [MQTT-3.3.2-2]");
        }
        return version == 5 ? checkResponseTopic(publish.variableHeader().properties()) : null;
    }

    private static @Nullable Refusal checkSubscribe(MqttSubscribeMessage subscribe) {
        for (MqttTopicSubscription subscription : subscribe.payload().topicSubscriptions()) {
            String filter = subscription.topicFilter();
            if (isMalformed(filter)) {
                return malformedFilter(filter);
            }
            if (subscription.option().isNoLocal() && filter.startsWith(SHARE)) {
                return new Refusal(Refusal.PROTOCOL_ERROR, "No Local on a shared subscription [MQTT-3.8.3-4]");
            }
        }
        return null;
    }

    private static @Nullable Refusal checkConnect(MqttConnectMessage connect, int version) {
        if (!connect.variableHeader().isWillFlag()) {
            return null;
        }
        MqttConnectPayload payload = connect.payload();
        if (!MqttTopic.isValid(payload.willTopic())) {
            return new Refusal(Refusal.TOPIC_NAME_INVALID, "a will for what is no topic name [MQTT-3.3.2-2]");
        }
        return version == 5 ? checkResponseTopic(payload.willProperties()) : null;
    }

    private static @Nullable Refusal checkResponseTopic(MqttProperties properties) {
        if (properties.isEmpty()) {
            return null;
        }
        MqttProperties.MqttProperty<?> property = properties.getProperty(MqttProperties.RESPONSE_TOPIC);
        if (property == null || MqttTopic.isValid(String.valueOf(property.value()))) {
            return null;
        }
        return new Refusal(Refusal.PROTOCOL_ERROR, "a response topic that is no topic name [MQTT-3.3.2-14]");
    }

    /** A filter deeper than the broker's limit is well formed: its SUBACK says no. */
    private static boolean isMalformed(String filter) {
        return !TopicFilter.isValid(filter) && MqttTopic.levels(filter) <= TopicFilter.LEVELS_MAX;
    }

    private static Refusal malformedFilter(String filter) {
        String shown = filter.length() <= 64 ? filter : filter.substring(0, 64) + "...";
        return new Refusal(Refusal.TOPIC_FILTER_INVALID, "a malformed topic filter: " + shown + " (section 4.7.1)");
    }
}
