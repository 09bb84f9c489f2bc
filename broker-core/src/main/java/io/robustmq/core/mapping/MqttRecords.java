package io.robustmq.core.mapping;

import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.subscription.MqttTopic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Publish properties as record headers and back; only what is not default becomes a header. Numbers are decimal text.
 * User properties are plain headers, in order, repeats kept; one whose name starts with {@code mqtt.} gets the prefix
 * {@code mqtt.user.}. Stateless; any thread.
 *
 * <p>Backwards, what a Kafka producer wrote is taken as far as MQTT can carry it: a header of ours with a value that makes
 * no sense counts as absent, and of two the last counts; other headers whose name or value is null, not UTF-8, too long or
 * has U+0000 are left out, as are unknown names with the prefix {@code mqtt.}.
 */
public final class MqttRecords {
    public static final String TOPIC = "mqtt.topic";
    public static final String QOS = "mqtt.qos";
    public static final String RETAIN = "mqtt.retain";
    public static final String EXPIRY = "mqtt.expiry";
    public static final String CONTENT_TYPE = "mqtt.content-type";
    public static final String RESPONSE_TOPIC = "mqtt.response-topic";
    public static final String CORRELATION = "mqtt.correlation";
    public static final String FORMAT = "mqtt.format";

    private static final String PREFIX = "mqtt.";
    private static final String USER_PREFIX = "mqtt.user.";
    private static final RecordHeader QOS_0 = RecordHeader.of(QOS, "0");
    private static final RecordHeader QOS_2 = RecordHeader.of(QOS, "2");
    private static final RecordHeader RETAINED = RecordHeader.of(RETAIN, "1");
    private static final RecordHeader TEXT = RecordHeader.of(FORMAT, "1");

    /** By QoS, then the same with retain flag. */
    private static final List<List<RecordHeader>> PLAIN = List.of(
            List.of(QOS_0),
            List.of(),
            List.of(QOS_2),
            List.of(QOS_0, RETAINED),
            List.of(RETAINED),
            List.of(QOS_2, RETAINED));

    private MqttRecords() {}

    /** Unmodifiable; shared where only QoS and retain flag are set. */
    public static List<RecordHeader> toHeaders(PublishProperties properties) {
        return toHeaders(properties, null);
    }

    /**
     * As {@link #toHeaders(PublishProperties)}, after the topic header if there is one.
     *
     * @param mqttTopic where the address says that the record carries its topic, else null
     */
    public static List<RecordHeader> toHeaders(PublishProperties properties, @Nullable String mqttTopic) {
        List<RecordHeader> plain = PLAIN.get(properties.retain() ? properties.qos() + 3 : properties.qos());
        if (mqttTopic == null && properties.isPlain()) {
            return plain;
        }
        List<RecordHeader> headers =
                new ArrayList<>(8 + properties.userProperties().size());
        if (mqttTopic != null) {
            headers.add(RecordHeader.of(TOPIC, mqttTopic));
        }
        headers.addAll(plain);
        if (properties.expirySeconds() != PublishProperties.NO_EXPIRY) {
            headers.add(RecordHeader.of(EXPIRY, Long.toString(properties.expirySeconds())));
        }
        addText(headers, CONTENT_TYPE, properties.contentType());
        addText(headers, RESPONSE_TOPIC, properties.responseTopic());
        if (properties.correlation() != null) {
            headers.add(new RecordHeader(CORRELATION, properties.correlation()));
        }
        if (properties.payloadFormat() == 1) {
            headers.add(TEXT);
        }
        for (UserProperty property : properties.userProperties()) {
            String name = property.name();
            headers.add(RecordHeader.of(name.startsWith(PREFIX) ? USER_PREFIX + name : name, property.value()));
        }
        return headers;
    }

    public static PublishProperties fromRecord(RecordView record) {
        return record.headerCount() == 0 ? PublishProperties.EMPTY : fromHeaders(record.headers());
    }

    public static PublishProperties fromHeaders(List<RecordHeader> headers) {
        if (headers.isEmpty()) {
            return PublishProperties.EMPTY;
        }
        Reading reading = new Reading();
        for (RecordHeader header : headers) {
            if (!header.key().startsWith(PREFIX)) {
                reading.user(header.key(), header.value());
            } else if (header.key().startsWith(USER_PREFIX)) {
                reading.user(header.key().substring(USER_PREFIX.length()), header.value());
            } else {
                reading.own(header.key(), header.value());
            }
        }
        return reading.finish();
    }

    private static void addText(List<RecordHeader> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.add(RecordHeader.of(name, value));
        }
    }

    /** What the headers read so far say. */
    private static final class Reading {
        private int qos = PublishProperties.DEFAULT_QOS;
        private boolean retain;
        private long expirySeconds = PublishProperties.NO_EXPIRY;
        private @Nullable String contentType;
        private @Nullable String responseTopic;
        private byte @Nullable [] correlation;
        private int payloadFormat;
        private @Nullable List<UserProperty> userProperties;

        void own(String name, byte @Nullable [] value) {
            switch (name) {
                case QOS -> qos = (int) number(value, 2, PublishProperties.DEFAULT_QOS);
                case RETAIN -> retain = number(value, 1, 0) == 1;
                case EXPIRY ->
                    expirySeconds = number(value, PublishProperties.EXPIRY_SECONDS_MAX, PublishProperties.NO_EXPIRY);
                case CONTENT_TYPE -> contentType = Utf8.decodeForMqtt(value);
                case RESPONSE_TOPIC -> responseTopic = topic(value);
                case CORRELATION -> correlation = value == null || value.length > MqttTopic.BYTES_MAX ? null : value;
                case FORMAT -> payloadFormat = (int) number(value, 1, 0);
                default -> {
                    // the topic header is TopicMapping's; other names are kept for later versions
                }
            }
        }

        void user(String name, byte @Nullable [] value) {
            String text = Utf8.decodeForMqtt(value);
            boolean named = Utf8.decodeForMqtt(name.getBytes(StandardCharsets.UTF_8)) != null;
            if (text == null || !named) {
                return;
            }
            if (userProperties == null) {
                userProperties = new ArrayList<>();
            }
            userProperties.add(new UserProperty(name, text));
        }

        PublishProperties finish() {
            if (userProperties == null
                    && expirySeconds == PublishProperties.NO_EXPIRY
                    && contentType == null
                    && responseTopic == null
                    && correlation == null
                    && payloadFormat == 0) {
                return PublishProperties.of(qos, retain);
            }
            return new PublishProperties(
                    qos,
                    retain,
                    expirySeconds,
                    contentType,
                    responseTopic,
                    correlation,
                    payloadFormat,
                    userProperties == null ? List.of() : userProperties);
        }

        private static @Nullable String topic(byte @Nullable [] value) {
            String text = Utf8.decodeForMqtt(value);
            return text != null && MqttTopic.isValid(text) ? text : null;
        }

        /** Of decimal digits alone, up to {@code max}; else {@code otherwise}. */
        private static long number(byte @Nullable [] value, long max, long otherwise) {
            if (value == null || value.length == 0 || value.length > 10) {
                return otherwise;
            }
            long number = 0;
            for (byte digit : value) {
                if (digit < '0' || digit > '9') {
                    return otherwise;
                }
                number = number * 10 + (digit - '0');
            }
            return number > max ? otherwise : number;
        }
    }
}
