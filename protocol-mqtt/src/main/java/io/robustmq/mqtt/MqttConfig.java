package io.robustmq.mqtt;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.ArrayList;
import java.util.List;

/** What the MQTT side can be told. */
public record MqttConfig(
        int port,
        int webSocketPort,
        int connectionsMax,
        int connectsPerSecondMax,
        int connectTimeoutMs,
        int packetBytesMax,
        int clientIdBytesMax,
        int receiveMax,
        int inFlightMax,
        int queueCountMax,
        long queueBytesMax,
        int subscriptionsMax,
        int topicLevelsMax,
        int topicBytesMax,
        int topicAliasMax,
        int autoTopicsMax,
        long sessionExpirySecondsMax,
        int keepAliveSecondsMax,
        int writeBufferBytes,
        long publishPendingBytesMax,
        List<String> visibleTopics,
        List<String> routes,
        int tlsPort,
        int webSocketTlsPort,
        DeliveryConfig delivery,
        OperationsConfig operations) {
    public static final ConfigKey<Integer> PORT = ConfigKey.integer("mqtt.port", 1883)
            .min(-1)
            .max(65_535)
            .doc("Port for MQTT over TCP; 0 takes any free one, -1 turns it off.");
    public static final ConfigKey<Integer> WEB_SOCKET_PORT = ConfigKey.integer("mqtt.ws.port", 8083)
            .min(-1)
            .max(65_535)
            .doc("Port for MQTT over WebSocket, path /mqtt; 0 takes any free one, -1 turns it off.");
    public static final ConfigKey<Integer> CONNECTIONS_MAX =
            ConfigKey.integer("mqtt.connections.max", 100_000).min(1).doc("More connections are refused, with 0x97.");
    public static final ConfigKey<Integer> CONNECTS_PER_SECOND_MAX = ConfigKey.integer(
                    "mqtt.connections.per-second.max", 20_000)
            .min(1)
            .doc("More new connections in a second are refused, with 0x9F.");
    public static final ConfigKey<Integer> CONNECT_TIMEOUT_MS = ConfigKey.integer("mqtt.connect.timeout.ms", 10_000)
            .min(1)
            .doc("A connection that has not sent CONNECT by then is closed.");
    public static final ConfigKey<Integer> PACKET_BYTES_MAX = ConfigKey.integer("mqtt.packet.bytes.max", 1_000_000)
            .min(256)
            .max(268_435_460)
            .doc("Larger packets are refused; with the record's overhead it must fit max.message.bytes of the topics.");
    public static final ConfigKey<Integer> CLIENT_ID_BYTES_MAX = ConfigKey.integer("mqtt.client-id.bytes.max", 1024)
            .min(23)
            .max(65_535)
            .doc("Longer client ids are refused.");
    public static final ConfigKey<Integer> RECEIVE_MAX = ConfigKey.integer("mqtt.receive.max", 1000)
            .min(1)
            .max(65_535)
            .doc(
                    "QoS 1 and 2 messages that a publisher may have unacknowledged: the Receive Maximum of CONNACK. A client of MQTT 3"
                            + " is not read while the node owes it so many acknowledgements.");
    public static final ConfigKey<Integer> IN_FLIGHT_MAX = ConfigKey.integer("mqtt.inflight.max", 1000)
            .min(1)
            .max(65_535)
            .doc("QoS 1 and 2 messages that a subscriber may leave unacknowledged, at most its own Receive Maximum.");
    public static final ConfigKey<Integer> QUEUE_COUNT_MAX = ConfigKey.integer("mqtt.queue.count.max", 100_000)
            .min(1)
            .doc("Messages that a session may be behind with; see mqtt.queue.drop. What is dropped is counted.");
    public static final ConfigKey<Long> QUEUE_BYTES_MAX = ConfigKey.bytes("mqtt.queue.bytes.max", 256L << 20)
            .min(1)
            .doc(
                    "Payload bytes that a session may be behind with. They stay in the log: memory holds references only.");
    public static final ConfigKey<Integer> SUBSCRIPTIONS_MAX = ConfigKey.integer("mqtt.subscriptions.max", 1000)
            .min(1)
            .doc("Subscriptions per client; more are refused with 0x97.");
    public static final ConfigKey<Integer> TOPIC_LEVELS_MAX = ConfigKey.integer("mqtt.topic.levels.max", 64)
            .min(1)
            .max(256)
            .doc("Deeper topics and filters are refused.");
    public static final ConfigKey<Integer> TOPIC_BYTES_MAX = ConfigKey.integer("mqtt.topic.bytes.max", 4096)
            .min(1)
            .max(65_535)
            .doc("Longer topics and filters are refused.");
    public static final ConfigKey<Integer> TOPIC_ALIAS_MAX = ConfigKey.integer("mqtt.topic-alias.max", 64)
            .min(0)
            .max(65_535)
            .doc("Topic aliases that a publisher may set.");
    public static final ConfigKey<Integer> AUTO_TOPICS_MAX = ConfigKey.integer("mqtt.auto-topics.max", 1000)
            .min(0)
            .doc("While fewer topics exist, a publish to a new first level creates one; then the topic mqtt takes it.");
    public static final ConfigKey<Long> SESSION_EXPIRY_SECONDS_MAX = ConfigKey.whole(
                    "mqtt.session.expiry.seconds.max", 0xFFFF_FFFFL)
            .min(0)
            .max(0xFFFF_FFFFL)
            .doc("The longest time a session outlives its connection; 4294967295 is for ever.");
    public static final ConfigKey<Integer> KEEP_ALIVE_SECONDS_MAX = ConfigKey.integer("mqtt.keep-alive.seconds.max", 0)
            .min(0)
            .max(65_535)
            .doc("The longest keep alive a client may have; 0 leaves it to the client.");
    public static final ConfigKey<Integer> WRITE_BUFFER_BYTES = ConfigKey.integer("mqtt.write-buffer.bytes", 1 << 18)
            .min(1 << 12)
            .doc("Bytes waiting in a connection at which its session stays behind instead.");
    public static final ConfigKey<Long> PUBLISH_PENDING_BYTES_MAX = ConfigKey.bytes(
                    "mqtt.publish.pending.bytes.max", 16L << 20)
            .min(1 << 16)
            .doc("Bytes per event loop on their way to the log at which publishers are no longer read.");
    public static final ConfigKey<List<String>> VISIBLE_TOPICS = ConfigKey.list("mqtt.visible-topics", List.of("*"))
            .doc("Log topics that subscriptions may see, as patterns with *; internal topics never are.");
    public static final ConfigKey<List<String>> ROUTES = ConfigKey.list("mqtt.routes", List.of())
            .doc("Exceptions to the topic mapping: filter -> topic : key template.");

    public static final ConfigKey<Integer> TLS_PORT = ConfigKey.integer("mqtt.tls.port", 8883)
            .min(-1)
            .max(65_535)
            .doc(
                    "Port for MQTT over TLS, opened where the node has a certificate; 0 takes any free one, -1 turns it off.");
    public static final ConfigKey<Integer> WEB_SOCKET_TLS_PORT = ConfigKey.integer("mqtt.wss.port", 8084)
            .min(-1)
            .max(65_535)
            .doc("Port for MQTT over WebSocket with TLS, path /mqtt, as mqtt.tls.port.");

    public static List<ConfigKey<?>> keys() {
        List<ConfigKey<?>> all = new ArrayList<>(ownKeys());
        all.addAll(DeliveryConfig.keys());
        all.addAll(OperationsConfig.keys());
        return all;
    }

    private static List<ConfigKey<?>> ownKeys() {
        return List.of(
                PORT,
                WEB_SOCKET_PORT,
                CONNECTIONS_MAX,
                CONNECTS_PER_SECOND_MAX,
                CONNECT_TIMEOUT_MS,
                PACKET_BYTES_MAX,
                CLIENT_ID_BYTES_MAX,
                RECEIVE_MAX,
                IN_FLIGHT_MAX,
                QUEUE_COUNT_MAX,
                QUEUE_BYTES_MAX,
                SUBSCRIPTIONS_MAX,
                TOPIC_LEVELS_MAX,
                TOPIC_BYTES_MAX,
                TOPIC_ALIAS_MAX,
                AUTO_TOPICS_MAX,
                SESSION_EXPIRY_SECONDS_MAX,
                KEEP_ALIVE_SECONDS_MAX,
                WRITE_BUFFER_BYTES,
                PUBLISH_PENDING_BYTES_MAX,
                VISIBLE_TOPICS,
                ROUTES,
                TLS_PORT,
                WEB_SOCKET_TLS_PORT);
    }

    public static MqttConfig from(Configuration values) {
        return new MqttConfig(
                values.get(PORT),
                values.get(WEB_SOCKET_PORT),
                values.get(CONNECTIONS_MAX),
                values.get(CONNECTS_PER_SECOND_MAX),
                values.get(CONNECT_TIMEOUT_MS),
                values.get(PACKET_BYTES_MAX),
                values.get(CLIENT_ID_BYTES_MAX),
                values.get(RECEIVE_MAX),
                values.get(IN_FLIGHT_MAX),
                values.get(QUEUE_COUNT_MAX),
                values.get(QUEUE_BYTES_MAX),
                values.get(SUBSCRIPTIONS_MAX),
                values.get(TOPIC_LEVELS_MAX),
                values.get(TOPIC_BYTES_MAX),
                values.get(TOPIC_ALIAS_MAX),
                values.get(AUTO_TOPICS_MAX),
                values.get(SESSION_EXPIRY_SECONDS_MAX),
                values.get(KEEP_ALIVE_SECONDS_MAX),
                values.get(WRITE_BUFFER_BYTES),
                values.get(PUBLISH_PENDING_BYTES_MAX),
                values.get(VISIBLE_TOPICS),
                values.get(ROUTES),
                values.get(TLS_PORT),
                values.get(WEB_SOCKET_TLS_PORT),
                DeliveryConfig.from(values),
                OperationsConfig.from(values));
    }

    public MqttConfig {
        visibleTopics = List.copyOf(visibleTopics);
        routes = List.copyOf(routes);
    }

    /** Whether subscriptions may see the log topic. */
    public boolean isVisible(String topic) {
        for (String pattern : visibleTopics) {
            if (matches(pattern, topic)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, String text) {
        String[] parts = pattern.split("\\*", -1);
        if (parts.length == 1) {
            return pattern.equals(text);
        }
        int at = parts[0].length();
        if (!text.startsWith(parts[0])) {
            return false;
        }
        for (int i = 1; i < parts.length - 1; i++) {
            int found = text.indexOf(parts[i], at);
            if (found < 0) {
                return false;
            }
            at = found + parts[i].length();
        }
        String last = parts[parts.length - 1];
        return text.length() - last.length() >= at && text.endsWith(last);
    }
}
