package io.robustmq.server.node;

import static io.robustmq.server.node.Waiting.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.meta.MetaConfig;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.AdminServer;
import io.robustmq.server.admin.NodeMetrics;
import io.robustmq.server.admin.NodeStatus;
import io.robustmq.server.admin.NodeStatus.Endpoint;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.link.LinkTerms;
import io.robustmq.server.security.Security;
import io.robustmq.server.security.SecurityConfig;
import io.robustmq.server.store.DataDirectory;
import io.robustmq.server.tls.ClusterTlsConfig;
import io.robustmq.server.tls.TlsConfig;
import io.robustmq.server.tls.TlsContexts;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes what every node has, whatever its roles are. Used by the thread that starts the node. */
final class NodeParts {
    static final long REGISTERED_MS_MAX = 30_000;

    final Configuration values;
    final ServerConfig config;
    final NodeStatus status;
    final StartedParts parts;
    final DataDirectory directory;
    final NodeMetrics metrics;
    private final Map<String, Endpoint> endpoints = new HashMap<>();
    private final @Nullable TlsContexts tls;
    private final @Nullable TlsContexts clusterTls;

    private NodeParts(Configuration values, ServerConfig config, NodeStatus status, StartedParts parts)
            throws IOException {
        this.values = values;
        this.config = config;
        this.status = status;
        this.parts = parts;
        this.directory = parts.add("data directory", DataDirectory.open(config.dataDir(), config.nodeId()));
        this.metrics = parts.add("metrics", new NodeMetrics(status));
        this.tls = openTls("tls", TlsConfig.from(values));
        this.clusterTls = isAlone(values) ? null : openTls("tls of the cluster", ClusterTlsConfig.from(values));
    }

    static NodeParts open(Configuration values, ServerConfig config, NodeStatus status, StartedParts parts)
            throws IOException {
        return new NodeParts(values, config, status, parts);
    }

    static boolean isAlone(Configuration values) {
        return values.get(MetaConfig.VOTERS).isEmpty()
                && values.get(MetaConfig.SERVERS).isEmpty();
    }

    private @Nullable TlsContexts openTls(String name, TlsConfig tlsConfig) throws IOException {
        return tlsConfig.isOn() ? parts.add(name, TlsContexts.open(tlsConfig)) : null;
    }

    MeterRegistry registry() {
        return metrics.registry();
    }

    /** For clients; null: none. */
    @Nullable
    TlsContexts tls() {
        return tls;
    }

    /** For other nodes; null: none. */
    @Nullable
    TlsContexts clusterTls() {
        return clusterTls;
    }

    Security makeSecurity(MetaLog meta) throws IOException {
        boolean certificates = TlsConfig.from(values).clientAuth() == TlsConfig.ClientAuth.REQUIRED;
        return parts.add("security", Security.open(SecurityConfig.from(values), meta, certificates, registry()));
    }

    /** First, so that liveness and the reason for not being ready can be asked while the rest starts. */
    AdminApi startAdmin(Transport transport, Security security) throws IOException {
        AdminApi api = new AdminApi(status, metrics::scrape);
        AdminServer admin = parts.add(
                "admin",
                AdminServer.start(
                        config.admin(),
                        config.bind(),
                        transport.group(),
                        transport.serverChannel(),
                        new AdminServer.Served(
                                api,
                                security.logins(),
                                security.authorizer(),
                                config.anonymous() || StartRules.isLoopback(config.bind()),
                                config.admin().tls() ? tls : null)));
        bound("admin", admin.address().getPort());
        return api;
    }

    LinkClient makeLink(Transport transport, MetaLog meta) {
        return parts.add(
                "link",
                new LinkClient(
                        config.nodeId(),
                        transport.group(),
                        transport.loops(),
                        transport.clientChannel(),
                        terms(),
                        meta::image));
    }

    /** By what other nodes are known, on the port for them. */
    LinkTerms terms() {
        return new LinkTerms(values.get(ServerConfig.JOURNAL_SECRET), clusterTls);
    }

    /** Before any listener but the admin's is open. */
    void makeFirstUsers(Security security) {
        for (MetaReply reply :
                await(security.makeFirstUsers(), REGISTERED_MS_MAX, "security.bootstrap.credentials were not made")) {
            if (reply instanceof MetaReply.Refused refused) {
                throw new StartException("security.bootstrap.credentials: " + refused.message());
            }
        }
        StartRules.checkExposure(config, security.authorizer().isEnforced());
    }

    /** A listener is open. */
    void bound(String name, int port) {
        endpoints.put(name, new Endpoint(config.bind(), port));
        status.bound(endpoints);
    }

    /** With all listeners that are open. */
    RegisterNode registration(String host) {
        return Registration.of(
                config.nodeId(),
                values.get(ServerConfig.NODE_RACK),
                config.roleSet(),
                host,
                endpoints,
                KafkaConfig.from(values));
    }
}
