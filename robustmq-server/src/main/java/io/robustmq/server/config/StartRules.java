package io.robustmq.server.config;

import io.robustmq.core.config.Configuration;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.meta.MetaConfig;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.OperationsConfig;
import io.robustmq.mqtt.topics.AutoSubscriptions;
import io.robustmq.mqtt.topics.TopicRewrite;
import io.robustmq.server.security.SecurityConfig;
import io.robustmq.server.tls.ClusterTlsConfig;
import io.robustmq.server.tls.TlsConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What must hold between keys before anything is touched. */
public final class StartRules {
    private static final Set<String> EVERY_ROLE = Set.of("meta", "journal", "broker");

    private StartRules() {}

    public static void check(Configuration values) {
        ServerConfig config = ServerConfig.from(values);
        checkRoles(config.roles());
        TlsConfig tls = TlsConfig.from(values);
        checkTls(config, tls, values.get(KafkaConfig.TLS_PORT));
        checkMqtt(values);
        checkCluster(values, config);
        try {
            SecurityConfig security = SecurityConfig.from(values);
            boolean someMayLogIn = !security.bootstrapUsers().isEmpty()
                    || security.jwt().isOn()
                    || tls.clientAuth() == TlsConfig.ClientAuth.REQUIRED;
            // Whether there are users is known when the metadata is read.
            if (!Files.exists(config.dataDir().resolve("meta"))) {
                checkExposure(config, someMayLogIn);
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static void checkCluster(Configuration values, ServerConfig config) {
        TlsConfig tls = ClusterTlsConfig.from(values);
        String contradiction = ClusterTlsConfig.contradiction(tls);
        if (!contradiction.isEmpty()) {
            throw new ConfigException(contradiction);
        }
        int voters = values.get(MetaConfig.VOTERS).size();
        if (voters < 2) {
            return;
        }
        if (voters % 2 == 0) {
            throw new ConfigException("meta.voters has " + voters
                    + " nodes: an even number survives no more failures than one less; take 3 or 5");
        }
        if (servesMqtt(values) && values.get(MetaConfig.TOPIC_REPLICATION) < voters) {
            throw new ConfigException("MQTT needs every partition on every node: set meta.topic.replication=" + voters
                    + ", or mqtt.port=-1 and mqtt.ws.port=-1");
        }
        boolean anybody = values.get(ServerConfig.JOURNAL_SECRET).isEmpty() && !tls.isOn();
        if (anybody && !config.anonymous() && !isLoopback(config.bind())) {
            throw new ConfigException("bind=" + config.bind() + " would let anybody who reaches journal.port copy every"
                    + " partition: set cluster.tls.certificate.file and what goes with it, or journal.secret, the same on"
                    + " all nodes");
        }
    }

    /** Whether a listener of MQTT is on. */
    public static boolean servesMqtt(Configuration values) {
        boolean secured = TlsConfig.from(values).isOn()
                && (values.get(MqttConfig.TLS_PORT) != -1 || values.get(MqttConfig.WEB_SOCKET_TLS_PORT) != -1);
        return secured || values.get(MqttConfig.PORT) != -1 || values.get(MqttConfig.WEB_SOCKET_PORT) != -1;
    }

    private static void checkMqtt(Configuration values) {
        try {
            OperationsConfig operations = OperationsConfig.from(values);
            TopicRewrite.parse(operations.rewrites());
            AutoSubscriptions.parse(operations.autoSubscriptions());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    /** {@code enforced}: everybody has to log in, and somebody can. */
    public static void checkExposure(ServerConfig config, boolean enforced) {
        if (!enforced && !config.anonymous() && !isLoopback(config.bind())) {
            throw new ConfigException("bind=" + config.bind()
                    + " would let anybody who reaches this machine read and write everything, as no users are configured;"
                    + " make one with security.bootstrap.credentials (robustmq user verifier), say"
                    + " security.anonymous=true to allow that, or bind 127.0.0.1");
        }
    }

    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new ConfigException("bind=" + host + ": no such address");
        }
    }

    private static void checkRoles(List<String> roles) {
        if (roles.equals(List.of("all"))) {
            return;
        }
        for (String role : roles) {
            if (!EVERY_ROLE.contains(role)) {
                throw new ConfigException(
                        "unknown role " + role + ": roles are all, or meta, journal and broker together");
            }
        }
        if (!new HashSet<>(roles).equals(EVERY_ROLE)) {
            throw new ConfigException("--role=" + String.join(",", roles)
                    + ": a process that runs only some of the roles is not supported yet; use --role=all");
        }
    }

    private static void checkTls(ServerConfig config, TlsConfig tls, int kafkaTlsPort) {
        String contradiction = tls.contradiction();
        if (!contradiction.isEmpty()) {
            throw new ConfigException(contradiction);
        }
        if (!tls.isOn() && (kafkaTlsPort >= 0 || config.admin().tls())) {
            throw new ConfigException(
                    "kafka.tls.port and admin.tls need a certificate: tls.certificate.file or tls.keystore.file");
        }
    }
}
