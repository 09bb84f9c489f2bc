package io.robustmq.mqtt.server;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringPair;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.UserProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what Netty decoded of MQTT 5 properties. Stateless. */
final class Properties5 {
    static final int SESSION_EXPIRY = 0x11;
    static final int AUTHENTICATION_METHOD = 0x15;
    static final int AUTHENTICATION_DATA = 0x16;
    static final int REQUEST_PROBLEM_INFORMATION = 0x17;
    static final int WILL_DELAY = 0x18;
    static final int RECEIVE_MAXIMUM = 0x21;
    static final int TOPIC_ALIAS_MAXIMUM = 0x22;
    static final int TOPIC_ALIAS = 0x23;
    static final int MAXIMUM_PACKET_SIZE = 0x27;
    static final int SUBSCRIPTION_ID = 0x0B;
    private static final int PAYLOAD_FORMAT = 0x01;
    private static final int MESSAGE_EXPIRY = 0x02;
    private static final int CONTENT_TYPE = 0x03;
    private static final int RESPONSE_TOPIC = 0x08;
    private static final int CORRELATION_DATA = 0x09;
    private static final int USER_PROPERTY = 0x26;

    private Properties5() {}

    /** The unsigned number, or {@code otherwise} when it is not there. */
    static long number(MqttProperties properties, int id, long otherwise) {
        MqttProperty<?> property = properties.getProperty(id);
        return property != null && property.value() instanceof Integer value
                ? Integer.toUnsignedLong(value)
                : otherwise;
    }

    static @Nullable String text(MqttProperties properties, int id) {
        MqttProperty<?> property = properties.getProperty(id);
        return property != null && property.value() instanceof String value ? value : null;
    }

    /** Empty when it is not there. */
    static byte[] bytes(MqttProperties properties, int id) {
        MqttProperty<?> property = properties.getProperty(id);
        return property != null && property.value() instanceof byte[] value ? value : new byte[0];
    }

    /** The first user property of this name. */
    static @Nullable String user(MqttProperties properties, String name) {
        for (Object property : properties.getProperties(USER_PROPERTY)) {
            if (property instanceof MqttProperty<?> one
                    && one.value() instanceof StringPair pair
                    && pair.key.equals(name)) {
                return pair.value;
            }
        }
        return null;
    }

    static PublishProperties publish(MqttProperties properties, int qos, boolean retain) {
        if (properties.isEmpty()) {
            return PublishProperties.of(qos, retain);
        }
        MqttProperty<?> correlation = properties.getProperty(CORRELATION_DATA);
        List<UserProperty> user = new ArrayList<>(0);
        for (Object property : properties.getProperties(USER_PROPERTY)) {
            if (property instanceof MqttProperty<?> one && one.value() instanceof StringPair pair) {
                user.add(new UserProperty(pair.key, pair.value));
            }
        }
        return new PublishProperties(
                qos,
                retain,
                number(properties, MESSAGE_EXPIRY, PublishProperties.NO_EXPIRY),
                text(properties, CONTENT_TYPE),
                text(properties, RESPONSE_TOPIC),
                correlation != null && correlation.value() instanceof byte[] bytes ? bytes : null,
                (int) number(properties, PAYLOAD_FORMAT, 0),
                user);
    }
}
