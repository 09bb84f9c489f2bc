package io.robustmq.server.config;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.raft.Voter;
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
import java.util.EnumSet;
import java.util.Set;

/** What must hold between keys before anything is touched. */
public final class StartRules {
    private static final Set<String> EVERY_ROLE = Set.of("meta", "journal", "broker");

    private StartRules() {}

    public static void check(Configuration values) {
        ServerConfig config = ServerConfig.from(values);
        if (!CrashPoint.fault().isEmpty()) {
            throw new ConfigException(CrashPoint.fault());
        }
        checkRoles(config, values);
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
            boolean asksOthers = !config.roleSet().contains(NodeRole.META);
            if (!asksOthers && !Files.exists(config.dataDir().resolve("meta"))) {
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
        MetaConfig meta = metaConfig(values);
        int voters = meta.voters().size();
        if (voters == 0) {
            return;
        }
        if (voters > 1 && voters % 2 == 0) {
            throw new ConfigException("meta.voters has " + voters
                    + " nodes: an even number survives no more failures than one less; take 1, 3 or 5");
        }
        boolean founder = meta.voters().stream().anyMatch(voter -> voter.id() == config.nodeId());
        if (!founder) {
            checkFollower(config, meta);
        }
        boolean anybody = values.get(ServerConfig.JOURNAL_SECRET).isEmpty() && !tls.isOn();
        if (anybody && !config.anonymous() && !isLoopback(config.bind())) {
            throw new ConfigException("bind=" + config.bind() + " would let anybody who reaches journal.port copy every"
                    + " partition: set cluster.tls.certificate.file and what goes with it, or journal.secret, the same on"
                    + " all nodes");
        }
    }

    private static MetaConfig metaConfig(Configuration values) {
        try {
            return MetaConfig.from(values);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static void checkFollower(ServerConfig config, MetaConfig meta) {
        String who = "node.id=" + config.nodeId() + " is not among meta.voters, so ";
        if (meta.host().isEmpty() && isAnyAddress(config.bind())) {
            throw new ConfigException(who + "nothing says where others reach it: set node.host");
        }
        if (meta.port() == 0) {
            throw new ConfigException(who + "the others must find it where it was: set meta.port to a certain port");
        }
    }

    private static boolean isAnyAddress(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            throw new ConfigException("bind=" + host + ": no such address");
        }
    }

    /** Whether a listener of MQTT is on. */
    public static boolean servesMqtt(Configuration values) {
        boolean secured = TlsConfig.from(values).isOn()
                && (values.get(MqttConfig.TLS_PORT) != -1 || values.get(MqttConfig.WEB_SOCKET_TLS_PORT) != -1);
        return secured || values.get(MqttConfig.PORT) != -1 || values.get(MqttConfig.WEB_SOCKET_PORT) != -1;
    }

    /** For a node whose sessions' clients are connected elsewhere. */
    public static Configuration withoutMqttListeners(Configuration values) {
        return values.with(MqttConfig.PORT, "-1")
                .with(MqttConfig.WEB_SOCKET_PORT, "-1")
                .with(MqttConfig.TLS_PORT, "-1")
                .with(MqttConfig.WEB_SOCKET_TLS_PORT, "-1");
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

    private static void checkRoles(ServerConfig config, Configuration values) {
        for (String role : config.roles()) {
            if (!role.equals("all") && !EVERY_ROLE.contains(role)) {
                throw new ConfigException("unknown role " + role + ": roles are all, or meta, journal and broker");
            }
        }
        Set<NodeRole> roles = config.roleSet();
        if (roles.equals(EnumSet.of(NodeRole.BROKER))) {
            checkBroker(config, values);
            return;
        }
        String which = "--role=" + String.join(",", config.roles());
        boolean hasAll = roles.size() == NodeRole.values().length;
        if (!hasAll && values.get(MetaConfig.VOTERS).isEmpty()) {
            throw new ConfigException(which + " needs other nodes, and they need it: set meta.voters");
        }
        if (!values.get(MetaConfig.SERVERS).isEmpty()) {
            throw new ConfigException("meta.servers is for nodes of --role=broker; the others have meta.voters");
        }
        boolean votes = metaConfig(values).voters().stream().anyMatch(voter -> voter.id() == config.nodeId());
        if (votes && !roles.contains(NodeRole.META)) {
            throw new ConfigException(which + " has no vote: take node.id=" + config.nodeId() + " out of meta.voters");
        }
    }

    private static void checkBroker(ServerConfig config, Configuration values) {
        if (values.get(MetaConfig.SERVERS).isEmpty()) {
            throw new ConfigException(
                    "--role=broker finds the others by meta.servers=id@host:port,... with the nodes of the role meta and"
                            + " their journal.port");
        }
        if (!values.get(MetaConfig.VOTERS).isEmpty()) {
            throw new ConfigException("--role=broker has no vote: leave meta.voters out");
        }
        boolean isAdvertised = !values.get(MetaConfig.HOST).isEmpty()
                || !values.get(KafkaConfig.ADVERTISED_HOST).isEmpty();
        if (!isAdvertised && isAnyAddress(config.bind())) {
            throw new ConfigException("--role=broker with bind=" + config.bind()
                    + " needs node.host: where clients that reached another broker find this one");
        }
        try {
            values.get(MetaConfig.SERVERS).forEach(Voter::parse);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("meta.servers: " + e.getMessage());
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
