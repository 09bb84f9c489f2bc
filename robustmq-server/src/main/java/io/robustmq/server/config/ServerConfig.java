package io.robustmq.server.config;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.NodeRole;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the process as a whole needs to know. The keys of each module are in the module's own record. */
public record ServerConfig(
        int nodeId,
        List<String> roles,
        Path dataDir,
        String bind,
        boolean anonymous,
        int threads,
        long memoryBytesMax,
        String logLevel,
        long stopTimeoutMs,
        AdminConfig admin) {

    public static final ConfigKey<Integer> NODE_ID = ConfigKey.integer("node.id", 1)
            .min(0)
            .doc("Who this node is in the cluster. Written into the data directory, and never changes there.");
    public static final ConfigKey<String> NODE_RACK = ConfigKey.string("node.rack", "")
            .doc("Where this node is, as far as nodes there fail together: a rack, a room, a zone. The replicas of new"
                    + " partitions are spread over them. A Kafka broker's broker.rack.");
    public static final ConfigKey<List<String>> ROLES = ConfigKey.list("roles", List.of("all"))
            .doc(
                    "What this process does: all, or some of meta (votes on the metadata), journal (keeps the log) and broker "
                            + "(has listeners for clients). One of broker alone keeps nothing, and finds the others by "
                            + "meta.servers, the rest by meta.voters.");
    public static final ConfigKey<String> DATA_DIR = ConfigKey.string("data.dir", "robustmq-data")
            .doc("Everything this node keeps. Created when missing; used by one process at a time.");
    public static final ConfigKey<String> BIND = ConfigKey.string("bind", "127.0.0.1")
            .doc(
                    "The address that every listener binds. Anything but loopback needs users, required client certificates, "
                            + "tokens, or security.anonymous=true.");
    public static final ConfigKey<Boolean> ANONYMOUS = ConfigKey.bool("security.anonymous", false)
            .doc("Says that, while there are no users, whoever reaches the listeners may do everything. With users it "
                    + "means nothing: everybody has to log in.");
    public static final ConfigKey<Integer> THREADS = ConfigKey.integer("net.threads", 0)
            .min(0)
            .max(1024)
            .doc("Event loops for connections and partitions; 0: one per processor.");
    public static final ConfigKey<Long> MEMORY_BYTES_MAX = ConfigKey.bytes("storage.memory.bytes.max", 256L << 20)
            .min(1 << 20)
            .doc("Memory outside the heap for all topics with storage=memory together; before it is full the largest"
                    + " partition lets its oldest segment go.");
    public static final ConfigKey<Integer> JOURNAL_PORT = ConfigKey.integer("journal.port", 1778)
            .min(0)
            .max(65_535)
            .doc("Port for the other nodes of a cluster; 0 takes any free one. Not opened by a node alone.");
    public static final ConfigKey<String> JOURNAL_SECRET = ConfigKey.string("journal.secret", "")
            .doc("What the nodes of a cluster know and others do not, asked for on journal.port; this or cluster.tls.*"
                    + " is needed to bind anything but loopback, unless security.anonymous=true.");
    public static final ConfigKey<String> LOG_LEVEL = ConfigKey.oneOf(
                    "log.level", "info", "error", "warn", "info", "debug", "trace")
            .doc("How much this node tells on standard output.");
    public static final ConfigKey<Long> STOP_TIMEOUT_MS = ConfigKey.whole("stop.timeout.ms", 20_000)
            .min(0)
            .doc(
                    "After SIGTERM the process ends after this time at the latest. Nothing acknowledged is lost either way.");

    public Set<NodeRole> roleSet() {
        Set<NodeRole> set = EnumSet.noneOf(NodeRole.class);
        for (NodeRole role : NodeRole.values()) {
            if (roles.contains("all") || roles.contains(role.text())) {
                set.add(role);
            }
        }
        return set;
    }

    /** Declared by this module, in the order of the documentation. */
    public static List<ConfigKey<?>> keys() {
        return List.of(
                NODE_ID,
                NODE_RACK,
                ROLES,
                DATA_DIR,
                BIND,
                ANONYMOUS,
                THREADS,
                MEMORY_BYTES_MAX,
                JOURNAL_PORT,
                JOURNAL_SECRET,
                LOG_LEVEL,
                STOP_TIMEOUT_MS,
                AdminConfig.PORT,
                AdminConfig.CONNECTIONS_MAX,
                AdminConfig.REQUEST_BYTES_MAX,
                AdminConfig.IDLE_MS,
                AdminConfig.TLS);
    }

    public static ServerConfig from(Configuration values) {
        int threads = values.get(THREADS);
        return new ServerConfig(
                values.get(NODE_ID),
                values.get(ROLES),
                Path.of(values.get(DATA_DIR)),
                values.get(BIND),
                values.get(ANONYMOUS),
                threads > 0 ? threads : Runtime.getRuntime().availableProcessors(),
                values.get(MEMORY_BYTES_MAX),
                values.get(LOG_LEVEL),
                values.get(STOP_TIMEOUT_MS),
                AdminConfig.from(values));
    }

    /** The admin HTTP listener. */
    public record AdminConfig(int port, int connectionsMax, int requestBytesMax, long idleMs, boolean tls) {
        public static final ConfigKey<Integer> PORT = ConfigKey.integer("admin.port", 58080)
                .min(0)
                .max(65_535)
                .doc("Admin HTTP: health, metrics, API. 0: any free port.");
        public static final ConfigKey<Integer> CONNECTIONS_MAX = ConfigKey.integer("admin.connections.max", 256)
                .min(1)
                .doc("More admin connections than this are closed at once.");
        public static final ConfigKey<Integer> REQUEST_BYTES_MAX = ConfigKey.integer("admin.request.bytes.max", 65_536)
                .min(0)
                .doc("A larger request body is refused with 413.");
        public static final ConfigKey<Long> IDLE_MS = ConfigKey.whole("admin.idle.ms", 30_000)
                .min(100)
                .doc("An admin connection without traffic for this long is closed.");

        public static final ConfigKey<Boolean> TLS = ConfigKey.bool("admin.tls", false)
                .doc("Whether the admin listener speaks HTTPS, with the node's certificate.");

        static AdminConfig from(Configuration values) {
            return new AdminConfig(
                    values.get(PORT),
                    values.get(CONNECTIONS_MAX),
                    values.get(REQUEST_BYTES_MAX),
                    values.get(IDLE_MS),
                    values.get(TLS));
        }
    }
}
