package io.robustmq.kafka;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/**
 * What an operator can set of the Kafka listener.
 *
 * @param advertisedHost empty: clients are told the address they reached this node by
 * @param advertisedPort 0: the port the client reached
 * @param tlsAdvertisedHost as advertisedHost, of the listener with TLS
 * @param readsInRack whether consumers are sent to a replica in their rack
 * @param inflightRequestsMax produce requests of one connection that may be under way together
 * @param inflightBytesMax request bytes of one connection held in memory before its socket is read no further
 */
public record KafkaConfig(
        int port,
        String advertisedHost,
        int advertisedPort,
        boolean autoCreateTopics,
        int autoCreateTopicsMax,
        int requestBytesMax,
        int inflightRequestsMax,
        long inflightBytesMax,
        int connectionsMax,
        int connectionsPerSecondMax,
        long connectionsIdleMs,
        int fetchBytesMax,
        int fetchSessionsMax,
        int fetchSessionPartitionsMax,
        long drainMs,
        int tlsPort,
        String tlsAdvertisedHost,
        int tlsAdvertisedPort,
        long reauthMsMax,
        long authenticationFailedDelayMs,
        int quotaWindowNum,
        int quotaWindowSeconds,
        int quotaClientsMax,
        int telemetryBytesMax,
        int telemetryClientsMax,
        int telemetryMetricsMax,
        boolean readsInRack) {
    public static final ConfigKey<Integer> PORT = ConfigKey.integer("kafka.port", 9092)
            .min(0)
            .max(65_535)
            .doc("Port of the Kafka listener; 0 takes any free port.");
    public static final ConfigKey<String> ADVERTISED_HOST = ConfigKey.string("kafka.advertised.host", "")
            .doc("Host that clients are told to connect to; empty: the address they reached this node by.");
    public static final ConfigKey<Integer> ADVERTISED_PORT = ConfigKey.integer("kafka.advertised.port", 0)
            .min(0)
            .max(65_535)
            .doc("Port that clients are told to connect to; 0: the port they reached.");
    public static final ConfigKey<Boolean> AUTO_CREATE_TOPICS = ConfigKey.bool("kafka.auto.create.topics", true)
            .doc("Whether asking for the metadata of a topic that does not exist creates it.");
    public static final ConfigKey<Integer> AUTO_CREATE_TOPICS_MAX = ConfigKey.integer(
                    "kafka.auto.create.topics.max", 10_000)
            .min(0)
            .doc("Topics are not created by asking for them while this many exist.");
    public static final ConfigKey<Integer> REQUEST_BYTES_MAX = ConfigKey.integer("kafka.request.bytes.max", 104_857_600)
            .min(1024)
            .doc("The connection of a larger request is closed before the request is read.");
    public static final ConfigKey<Integer> INFLIGHT_REQUESTS_MAX = ConfigKey.integer("kafka.inflight.requests.max", 64)
            .min(1)
            .doc("Produce requests of one connection that may be under way together.");
    public static final ConfigKey<Long> INFLIGHT_BYTES_MAX = ConfigKey.bytes("kafka.inflight.bytes.max", 33_554_432L)
            .min(1)
            .doc("A connection is read no further while its unanswered requests are this large.");
    public static final ConfigKey<Integer> CONNECTIONS_MAX = ConfigKey.integer("kafka.connections.max", 10_000)
            .min(1)
            .doc("Connections beyond this number are closed at once.");
    public static final ConfigKey<Integer> CONNECTIONS_PER_SECOND_MAX = ConfigKey.integer(
                    "kafka.connections.per.second.max", 1_000)
            .min(1)
            .doc("After this many new connections in a second, further ones wait for the next second.");
    public static final ConfigKey<Long> CONNECTIONS_IDLE_MS = ConfigKey.whole("kafka.connections.idle.ms", 600_000L)
            .min(1)
            .doc("A connection without a request for this long is closed.");
    public static final ConfigKey<Integer> FETCH_BYTES_MAX = ConfigKey.integer("kafka.fetch.bytes.max", 57_671_680)
            .min(1024)
            .doc("Record bytes in one fetch response, whatever the client allows.");
    public static final ConfigKey<Integer> FETCH_SESSIONS_MAX = ConfigKey.integer("kafka.fetch.sessions.max", 1_000)
            .min(0)
            .doc("Incremental fetch sessions kept; clients beyond it send full requests.");
    public static final ConfigKey<Integer> FETCH_SESSION_PARTITIONS_MAX = ConfigKey.integer(
                    "kafka.fetch.session.partitions.max", 10_000)
            .min(1)
            .doc("A fetch of more partitions gets no session.");
    public static final ConfigKey<Long> DRAIN_MS = ConfigKey.whole("kafka.drain.ms", 5_000L)
            .min(0)
            .doc("When the listener stops: how long it waits for produce requests under way.");

    public static final ConfigKey<Integer> TLS_PORT = ConfigKey.integer("kafka.tls.port", -1)
            .min(-1)
            .max(65_535)
            .doc("Port of the Kafka listener with TLS; 0 takes any free port, -1 turns it off.");
    public static final ConfigKey<String> TLS_ADVERTISED_HOST = ConfigKey.string("kafka.tls.advertised.host", "")
            .doc("Host that clients of the TLS listener are told to connect to; empty: kafka.advertised.host.");
    public static final ConfigKey<Integer> TLS_ADVERTISED_PORT = ConfigKey.integer("kafka.tls.advertised.port", 0)
            .min(0)
            .max(65_535)
            .doc("Port that clients of the TLS listener are told to connect to; 0: the port they reached.");
    public static final ConfigKey<Long> REAUTH_MS_MAX = ConfigKey.whole("connections.max.reauth.ms", 0L)
            .min(0)
            .doc("A client that logged in has to do so again after this time, or is disconnected; 0: only when what it "
                    + "logged in with expires.");
    public static final ConfigKey<Long> AUTHENTICATION_FAILED_DELAY_MS = ConfigKey.whole(
                    "kafka.authentication.failed.delay.ms", 100L)
            .min(0)
            .doc("How long the answer to a failed login is held back.");
    public static final ConfigKey<Integer> QUOTA_WINDOW_NUM = ConfigKey.integer("quota.window.num", 11)
            .min(2)
            .max(3_600)
            .doc("Samples of which a client's rate is made: who used nothing may use all but one of them at once.");
    public static final ConfigKey<Integer> QUOTA_WINDOW_SECONDS = ConfigKey.integer("quota.window.size.seconds", 1)
            .min(1)
            .max(3_600)
            .doc("The time of one sample, and the longest pause of who is over its request percentage.");
    public static final ConfigKey<Integer> QUOTA_CLIENTS_MAX = ConfigKey.integer("kafka.quota.clients.max", 10_000)
            .min(1)
            .doc("Users, client ids and addresses measured against a quota at a time; beyond it each connection is "
                    + "measured alone.");
    public static final ConfigKey<Integer> TELEMETRY_BYTES_MAX = ConfigKey.integer("telemetry.max.bytes", 1_048_576)
            .min(1)
            .doc("The largest push of a client's own metrics, compressed or not.");
    public static final ConfigKey<Integer> TELEMETRY_CLIENTS_MAX = ConfigKey.integer(
                    "kafka.telemetry.clients.max", 10_000)
            .min(0)
            .doc("Clients that may push their metrics; further ones are told to come again later.");
    public static final ConfigKey<Integer> TELEMETRY_METRICS_MAX = ConfigKey.integer("kafka.telemetry.metrics.max", 500)
            .min(0)
            .doc("Names of clients' metrics that are exported; what comes under further names is counted and dropped.");
    public static final ConfigKey<String> REPLICA_SELECTOR = ConfigKey.oneOf(
                    "kafka.replica.selector", "leader", "leader", "rack")
            .doc("Where consumers read: leader: from the leader. rack: one that names its rack (client.rack) from a"
                    + " replica in sync there, if there is one (KIP-392; a Kafka broker's replica.selector.class).");

    /** All keys of this module. */
    public static List<ConfigKey<?>> keys() {
        return List.of(
                PORT,
                ADVERTISED_HOST,
                ADVERTISED_PORT,
                AUTO_CREATE_TOPICS,
                AUTO_CREATE_TOPICS_MAX,
                REQUEST_BYTES_MAX,
                INFLIGHT_REQUESTS_MAX,
                INFLIGHT_BYTES_MAX,
                CONNECTIONS_MAX,
                CONNECTIONS_PER_SECOND_MAX,
                CONNECTIONS_IDLE_MS,
                FETCH_BYTES_MAX,
                FETCH_SESSIONS_MAX,
                FETCH_SESSION_PARTITIONS_MAX,
                DRAIN_MS,
                TLS_PORT,
                TLS_ADVERTISED_HOST,
                TLS_ADVERTISED_PORT,
                REAUTH_MS_MAX,
                AUTHENTICATION_FAILED_DELAY_MS,
                QUOTA_WINDOW_NUM,
                QUOTA_WINDOW_SECONDS,
                QUOTA_CLIENTS_MAX,
                TELEMETRY_BYTES_MAX,
                TELEMETRY_CLIENTS_MAX,
                TELEMETRY_METRICS_MAX,
                REPLICA_SELECTOR);
    }

    public static KafkaConfig from(Configuration values) {
        return new KafkaConfig(
                values.get(PORT),
                values.get(ADVERTISED_HOST),
                values.get(ADVERTISED_PORT),
                values.get(AUTO_CREATE_TOPICS),
                values.get(AUTO_CREATE_TOPICS_MAX),
                values.get(REQUEST_BYTES_MAX),
                values.get(INFLIGHT_REQUESTS_MAX),
                values.get(INFLIGHT_BYTES_MAX),
                values.get(CONNECTIONS_MAX),
                values.get(CONNECTIONS_PER_SECOND_MAX),
                values.get(CONNECTIONS_IDLE_MS),
                values.get(FETCH_BYTES_MAX),
                values.get(FETCH_SESSIONS_MAX),
                values.get(FETCH_SESSION_PARTITIONS_MAX),
                values.get(DRAIN_MS),
                values.get(TLS_PORT),
                values.get(TLS_ADVERTISED_HOST).isEmpty()
                        ? values.get(ADVERTISED_HOST)
                        : values.get(TLS_ADVERTISED_HOST),
                values.get(TLS_ADVERTISED_PORT),
                values.get(REAUTH_MS_MAX),
                values.get(AUTHENTICATION_FAILED_DELAY_MS),
                values.get(QUOTA_WINDOW_NUM),
                values.get(QUOTA_WINDOW_SECONDS),
                values.get(QUOTA_CLIENTS_MAX),
                values.get(TELEMETRY_BYTES_MAX),
                values.get(TELEMETRY_CLIENTS_MAX),
                values.get(TELEMETRY_METRICS_MAX),
                values.get(REPLICA_SELECTOR).equals("rack"));
    }
}
