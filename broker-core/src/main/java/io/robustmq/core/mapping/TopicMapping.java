package io.robustmq.core.mapping;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.subscription.MqttTopic;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where MQTT topics are in the log: the first level names the topic, the rest is the key; routes come first. Immutable;
 * any thread.
 *
 * <p>What no topic can be named after goes to {@link #FALLBACK_TOPIC} with the whole MQTT topic as key: a first level
 * that is empty, no legal name, the broker's own, or refused by the predicate (too many topics).
 *
 * <p>The header that carries an MQTT topic is believed only in topics that can need it: {@code mqtt} and the routes'
 * targets. So whoever may write to any other topic cannot speak in the name of a third one, and a topic other than these
 * holds only its own tree.
 */
public final class TopicMapping {
    public static final String FALLBACK_TOPIC = "mqtt";

    private final List<Route> routes;
    private final Predicate<String> mayBeTopic;
    private final Set<String> shared;

    /** @param mayBeTopic whether a topic of this legal name exists, or may be created for an MQTT publisher */
    public TopicMapping(List<Route> routes, Predicate<String> mayBeTopic) {
        this.routes = List.copyOf(routes);
        this.mayBeTopic = mayBeTopic;
        Set<String> targets = new HashSet<>();
        targets.add(FALLBACK_TOPIC);
        for (Route route : routes) {
            targets.add(route.topic());
        }
        this.shared = Set.copyOf(targets);
    }

    /** Whether records of this topic may belong to MQTT topics with another first level than its name. */
    public boolean holdsOtherTrees(String topic) {
        return shared.contains(topic);
    }

    /**
     * The address of a valid MQTT topic name. Throws IllegalArgumentException for one that starts with {@code $}: these
     * never reach the log ({@link MqttTopic#isSystem}).
     */
    public LogAddress toLog(String mqttTopic) {
        if (MqttTopic.isSystem(mqttTopic)) {
            throw new IllegalArgumentException("topics that start with $ are not kept in the log");
        }
        for (Route route : routes) {
            if (route.matches(mqttTopic)) {
                String keyText = route.key(mqttTopic);
                byte[] key = keyText == null ? null : utf8(keyText);
                boolean derivable = derive(route.topic(), key).equals(mqttTopic);
                return new LogAddress(route.topic(), key, !derivable);
            }
        }
        String first = MqttTopic.firstLevel(mqttTopic);
        if (TopicName.isLegal(first) && !TopicName.isInternal(first) && mayBeTopic.test(first)) {
            byte[] key = first.length() == mqttTopic.length() ? null : utf8(mqttTopic.substring(first.length() + 1));
            return new LogAddress(first, key, false);
        }
        return new LogAddress(FALLBACK_TOPIC, utf8(mqttTopic), true);
    }

    /**
     * The MQTT topic of a record of this topic: what its header says, if it may and that is a valid topic name, else topic
     * and key. A key that cannot be the tail of a topic name (not UTF-8, wildcards, U+0000, too long) is left out.
     */
    public String toMqtt(String topic, RecordView record) {
        if (record.headerCount() > 0 && shared.contains(topic)) {
            byte[] header = record.lastHeader(MqttRecords.TOPIC);
            String named = header == null ? null : Utf8.decode(header);
            if (named != null && MqttTopic.isValid(named) && !MqttTopic.isSystem(named)) {
                return named;
            }
        }
        ByteBuf key = record.key();
        if (key == null) {
            return topic;
        }
        byte[] bytes = new byte[key.readableBytes()];
        key.getBytes(key.readerIndex(), bytes);
        return derive(topic, bytes);
    }

    private static String derive(String topic, byte @Nullable [] key) {
        if (key == null || topic.length() + 1 + key.length > MqttTopic.BYTES_MAX) {
            return topic;
        }
        if (!isPlain(key)) {
            String tail = Utf8.decode(key);
            String whole = tail == null ? topic : topic + '/' + tail;
            return MqttTopic.isValid(whole) ? whole : topic;
        }
        byte[] whole = new byte[topic.length() + 1 + key.length];
        for (int i = 0; i < topic.length(); i++) {
            whole[i] = (byte) topic.charAt(i);
        }
        whole[topic.length()] = '/';
        System.arraycopy(key, 0, whole, topic.length() + 1, key.length);
        return new String(whole, StandardCharsets.ISO_8859_1);
    }

    /** Whether the key is ASCII that a topic name may have: what most keys are. */
    private static boolean isPlain(byte[] key) {
        for (byte b : key) {
            if (b <= 0 || b == '+' || b == '#') {
                return false;
            }
        }
        return true;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
