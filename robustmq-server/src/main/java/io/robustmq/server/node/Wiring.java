package io.robustmq.server.node;

import static io.robustmq.server.node.Waiting.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.share.ShareConfig;
import io.robustmq.core.share.ShareService;
import io.robustmq.core.share.link.ShareLink;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.core.txn.TxnService;
import io.robustmq.core.txn.link.TxnLink;
import io.robustmq.journal.JournalConfig;
import io.robustmq.journal.JournalService;
import io.robustmq.journal.remote.ClusterJournal;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.group.GroupApis;
import io.robustmq.kafka.handler.Brokers;
import io.robustmq.kafka.handler.KafkaApis;
import io.robustmq.kafka.handler.KafkaContext;
import io.robustmq.kafka.security.SecurityApis;
import io.robustmq.kafka.server.ApiTable;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.kafka.share.ShareApis;
import io.robustmq.kafka.telemetry.TelemetryApis;
import io.robustmq.kafka.txn.TxnApis;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaService;
import io.robustmq.meta.raft.RaftTls;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.server.MqttServer;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.AdminServer;
import io.robustmq.server.admin.ClusterCalls;
import io.robustmq.server.admin.MqttCalls;
import io.robustmq.server.admin.NodeMetrics;
import io.robustmq.server.admin.NodeStatus;
import io.robustmq.server.admin.NodeStatus.Endpoint;
import io.robustmq.server.config.AllKeys;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.link.LinkServer;
import io.robustmq.server.link.LinkTerms;
import io.robustmq.server.link.RelayClient;
import io.robustmq.server.logging.LogbackLoggers;
import io.robustmq.server.security.Security;
import io.robustmq.server.security.SecurityConfig;
import io.robustmq.server.store.DataDirectory;
import io.robustmq.server.store.OrderlyStop;
import io.robustmq.server.tls.ClusterTlsConfig;
import io.robustmq.server.tls.TlsConfig;
import io.robustmq.server.tls.TlsContexts;
import io.robustmq.server.trace.TraceFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the parts of a node by hand and connects them, in the order that {@link Node} shows. Used once, by one thread. */
final class Wiring {
    private static final Logger log = LoggerFactory.getLogger(Wiring.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final long FORMED_MS_MAX = 60_000;
    /** The others may be started by hand, one after the other. */
    private static final long CLUSTER_FORMED_MS_MAX = 600_000;

    private static final long CLIENTS_TOLD_MS_MAX = 5_000;
    private static final long RECOVERED_MS_MAX = 3_600_000;
    private static final long REGISTERED_MS_MAX = 30_000;

    private final Configuration values;
    private final ServerConfig config;
    private final NodeStatus status;
    private final StartedParts parts;
    private final Map<String, Endpoint> endpoints = new HashMap<>();
    private final boolean cluster;
    private @Nullable TlsContexts tls;
    private @Nullable TlsContexts clusterTls;

    Wiring(Configuration values, ServerConfig config, NodeStatus status, StartedParts parts) {
        this.values = values;
        this.config = config;
        this.status = status;
        this.parts = parts;
        this.cluster = !values.get(MetaConfig.VOTERS).isEmpty();
    }

    /** Returns when every listener is bound and the cluster knows this node. */
    void start() throws IOException {
        DataDirectory directory = parts.add("data directory", DataDirectory.open(config.dataDir(), config.nodeId()));
        OrderlyStop orderly = parts.add("note of the stop", OrderlyStop.take(directory.path()));
        NodeMetrics metrics = parts.add("metrics", new NodeMetrics(status));
        MeterRegistry registry = metrics.registry();
        MetaService meta = makeMeta(directory, registry);
        Security security = makeSecurity(meta, registry);
        CompletableFuture<Void> metaStarted = startMeta(meta);
        Transport transport = parts.add("event loops", Transport.open(config.threads()));
        AdminApi api = startAdmin(transport, metrics, security);
        LinkClient link = cluster ? makeLink(transport, meta) : null;
        JournalService journal = makeJournal(directory, transport, meta, link, registry);
        orderly.watches(journal::closedCleanly, journal::incarnation);
        ClusterJournal everywhere = link == null ? null : makeClusterLog(transport, meta, journal, link);
        GroupService groups = makeGroups(transport, meta, journal);
        Coordinators coordinators = new Coordinators(
                groups,
                makeTransactions(transport, meta, journal, groups, link),
                makeShares(transport, meta, journal, everywhere, link));
        Journal replicas = everywhere == null ? journal : everywhere;
        KafkaServer kafka = makeKafka(transport, meta, journal, replicas, coordinators, security, registry);
        boolean servesMqtt = !cluster || StartRules.servesMqtt(values);
        MqttServer mqtt =
                servesMqtt ? makeMqtt(directory, transport, meta, journal, everywhere, link, security, registry) : null;
        await(metaStarted, cluster ? CLUSTER_FORMED_MS_MAX : FORMED_MS_MAX, "the metadata did not start");
        await(meta.whenReady(), cluster ? CLUSTER_FORMED_MS_MAX : FORMED_MS_MAX, "the cluster has no metadata leader");
        bound("meta", meta.port());
        makeFirstUsers(security);
        directory.joined(meta.image().clusterId());
        await(journal.recovered(), RECOVERED_MS_MAX, "the partitions did not recover");
        journal.start();
        bound("kafka", kafka.bind(config.bind()).getPort());
        if (tls != null && values.get(KafkaConfig.TLS_PORT) >= 0) {
            bound("kafka-tls", kafka.bindTls(config.bind(), tls).getPort());
        }
        api.serve("/api/v1/cluster/", new ClusterCalls(meta, meta));
        if (mqtt != null) {
            bindMqtt(mqtt);
            api.serve("/api/v1/mqtt/", new MqttCalls(mqtt.admin(), System::currentTimeMillis));
        }
        if (link != null) {
            joinCluster(transport, meta, journal, coordinators, link, mqtt, journal.hasAll() ? orderly.previous() : -1);
        } else {
            register(meta);
        }
    }

    private LinkClient makeLink(Transport transport, MetaLog meta) {
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

    /** Other nodes may ask this one, then they are told that it is there. */
    private void joinCluster(
            Transport transport,
            MetaService meta,
            JournalService journal,
            Coordinators coordinators,
            LinkClient link,
            @Nullable MqttServer mqtt,
            long previous)
            throws IOException {
        Membership membership = new Membership(
                config.nodeId(),
                meta,
                link,
                transport.loops().loops().get(0),
                values.get(MetaConfig.SESSION_TIMEOUT_MS),
                journal::registered,
                journal::leased);
        link.watchedBy(meta::lost, meta::found);
        LinkServer server = LinkServer.bind(
                new InetSocketAddress(config.bind(), values.get(ServerConfig.JOURNAL_PORT)),
                transport.group(),
                transport.serverChannel(),
                transport.loops(),
                LinkServices.of(membership, meta, journal, coordinators, mqtt),
                terms(),
                () -> meta.image().clusterId());
        parts.add("other nodes", server);
        bound("journal", server.port());
        parts.add("membership", membership);
        CompletableFuture<Void> known =
                membership.register(registration(meta.host()).after(previous));
        await(known, REGISTERED_MS_MAX, "the cluster did not register this node");
        if (mqtt != null) {
            server.relayTo(mqtt::relayed);
            letClientsIn(mqtt);
        }
    }

    private static void letClientsIn(MqttServer mqtt) {
        try {
            mqtt.accept();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        }
    }

    /** First, so that liveness and the reason for not being ready can be asked while the rest starts. */
    private AdminApi startAdmin(Transport transport, NodeMetrics metrics, Security security) throws IOException {
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

    /** By what other nodes are known, on the port for them. */
    private LinkTerms terms() {
        return new LinkTerms(values.get(ServerConfig.JOURNAL_SECRET), clusterTls);
    }

    private MetaService makeMeta(DataDirectory directory, MeterRegistry registry) throws IOException {
        MetaConfig metaConfig = MetaConfig.from(values);
        // A single voter has nobody to talk to, so its port is not for others, whatever the clients' listeners bind.
        String bind = metaConfig.voters().isEmpty() ? LOOPBACK : config.bind();
        MetaService meta = new MetaService(
                metaConfig, directory.path().resolve("meta"), config.nodeId(), bind, UUID::randomUUID, registry);
        meta.formsAt(ClusterLevel.SUPPORTED.newest());
        TlsConfig tlsConfig = ClusterTlsConfig.from(values);
        if (cluster && tlsConfig.isOn()) {
            clusterTls = parts.add("tls of the cluster", TlsContexts.open(tlsConfig));
            meta.secureBy(new RaftTls(clusterTls.keys(), clusterTls.trust()));
        }
        status.showsImageOf(meta::image);
        status.showsQuorumOf(meta::quorum);
        return meta;
    }

    private Security makeSecurity(MetaLog meta, MeterRegistry registry) throws IOException {
        TlsConfig tlsConfig = TlsConfig.from(values);
        if (tlsConfig.isOn()) {
            tls = parts.add("tls", TlsContexts.open(tlsConfig));
        }
        boolean certificates = tlsConfig.clientAuth() == TlsConfig.ClientAuth.REQUIRED;
        return parts.add("security", Security.open(SecurityConfig.from(values), meta, certificates, registry));
    }

    /** Before any listener but the admin's is open. */
    private void makeFirstUsers(Security security) {
        for (MetaReply reply :
                await(security.makeFirstUsers(), REGISTERED_MS_MAX, "security.bootstrap.credentials were not made")) {
            if (reply instanceof MetaReply.Refused refused) {
                throw new StartException("security.bootstrap.credentials: " + refused.message());
            }
        }
        StartRules.checkExposure(config, security.authorizer().isEnforced());
    }

    /** In a thread of its own: it takes as long as all the rest, and the rest needs it only at the end. */
    private CompletableFuture<Void> startMeta(MetaService meta) {
        CompletableFuture<Void> started = new CompletableFuture<>();
        Thread starter = new Thread(
                () -> {
                    try {
                        meta.start();
                        started.complete(null);
                    } catch (IOException | RuntimeException | Error e) {
                        started.completeExceptionally(e);
                    }
                },
                "start-meta");
        parts.add("meta", () -> {
            meta.stopLooking();
            starter.join();
            meta.close();
        });
        starter.start();
        return started;
    }

    private JournalService makeJournal(
            DataDirectory directory,
            Transport transport,
            MetaLog meta,
            @Nullable LinkClient link,
            MeterRegistry registry)
            throws IOException {
        Stores stores = parts.add("stores", Stores.open(directory.path(), config, values));
        JournalService journal = new JournalService(
                JournalConfig.from(values),
                transport.loops(),
                stores.named(),
                stores.directories().stores(),
                config.nodeId(),
                registry);
        parts.add("journal", journal);
        if (link != null) {
            journal.joinCluster(meta, link);
        }
        Cancellable subscription = meta.subscribe(journal);
        parts.add("journal's subscription", subscription::cancel);
        return journal;
    }

    private GroupService makeGroups(Transport transport, MetaLog meta, Journal journal) {
        GroupService groups = new GroupService(
                GroupConfig.from(values), config.nodeId(), journal, meta, transport.loops(), ByteBufAllocator.DEFAULT);
        groups.start();
        return parts.add("groups", groups);
    }

    private TxnService makeTransactions(
            Transport transport, MetaLog meta, Journal journal, GroupService groups, @Nullable LinkClient link) {
        TxnService transactions = new TxnService(
                TxnConfig.from(values),
                config.nodeId(),
                journal,
                groups,
                meta,
                transport.loops(),
                ByteBufAllocator.DEFAULT);
        if (link != null) {
            transactions.joinCluster(new TxnLink(link, transport.loops()));
        }
        transactions.start();
        return parts.add("transactions", transactions);
    }

    private ShareService makeShares(
            Transport transport,
            MetaLog meta,
            Journal journal,
            @Nullable ClusterJournal everywhere,
            @Nullable LinkClient link) {
        ShareService shares = new ShareService(
                ShareConfig.from(values),
                config.nodeId(),
                journal,
                everywhere == null ? journal : everywhere,
                meta,
                transport.loops(),
                ByteBufAllocator.DEFAULT);
        if (link != null) {
            shares.joinCluster(new ShareLink(link, transport.loops()));
        }
        shares.start();
        return parts.add("share groups", shares);
    }

    private KafkaServer makeKafka(
            Transport transport,
            MetaService meta,
            Journal journal,
            Journal replicas,
            Coordinators coordinators,
            Security security,
            MeterRegistry registry) {
        KafkaConfig kafkaConfig = KafkaConfig.from(values);
        KafkaMetrics kafkaMetrics = new KafkaMetrics(registry);
        KafkaContext context = new KafkaContext(
                config.nodeId(),
                kafkaConfig,
                journal,
                meta,
                security.authorizer(),
                kafkaMetrics,
                AllKeys.list(),
                values,
                transport.loops().loops().get(0),
                coordinators.transactions(),
                new LogbackLoggers(),
                replicas,
                meta);
        GroupService groups = coordinators.groups();
        ShareService shares = coordinators.shares();
        ApiTable.Builder apis = new ApiTable.Builder(config.nodeId(), meta);
        KafkaApis.addTo(apis, context);
        Brokers brokers = new Brokers(config.nodeId(), kafkaConfig);
        GroupApis.addTo(apis, groups, coordinators.transactions(), shares, meta, security.authorizer(), brokers);
        TxnApis.addTo(apis, context, groups);
        ShareApis.addTo(apis, context, shares, groups);
        SecurityApis.addTo(apis, security.logins(), meta, security.authorizer());
        TelemetryApis.addTo(apis, kafkaConfig, meta, registry);
        KafkaServer kafka = new KafkaServer(
                kafkaConfig,
                apis.build(),
                transport.group(),
                transport.loops(),
                transport.serverChannel(),
                kafkaMetrics,
                security.logins());
        return parts.add("kafka", kafka);
    }

    private MqttServer makeMqtt(
            DataDirectory directory,
            Transport transport,
            MetaLog meta,
            JournalService journal,
            @Nullable ClusterJournal everywhere,
            @Nullable LinkClient link,
            Security security,
            MeterRegistry registry) {
        MqttConfig mqttConfig = MqttConfig.from(values);
        TraceFiles traces = parts.add(
                "traces",
                new TraceFiles(
                        directory.path().resolve("traces"),
                        mqttConfig.operations().traceBytesMax()));
        MqttServer mqtt = new MqttServer(
                mqttConfig,
                RetainedConfig.from(values),
                new MqttMetrics(registry),
                new MqttServer.Platform(transport.group(), transport.loops(), transport.serverChannel()),
                link == null || everywhere == null
                        ? new MqttServer.Core(config.nodeId(), journal, meta, traces, null)
                        : new MqttServer.Core(
                                config.nodeId(),
                                everywhere,
                                meta,
                                traces,
                                new MqttServer.Cluster(journal, new RelayClient(link), link, everywhere::isCaughtUp)),
                new MqttServer.Access(security.logins(), security.authorizer(), tls));
        parts.add("mqtt", () -> mqtt.stop().get(CLIENTS_TOLD_MS_MAX, TimeUnit.MILLISECONDS));
        return mqtt;
    }

    private ClusterJournal makeClusterLog(Transport transport, MetaLog meta, JournalService journal, LinkClient link) {
        ClusterJournal everywhere = new ClusterJournal(config.nodeId(), journal, meta, link, transport.loops());
        Cancellable subscription = meta.subscribe(everywhere);
        parts.add("log of the cluster", subscription::cancel);
        return everywhere;
    }

    private void bindMqtt(MqttServer mqtt) throws IOException {
        try {
            MqttServer.Bound listeners = mqtt.start(config.bind());
            if (listeners.port() >= 0) {
                bound("mqtt", listeners.port());
            }
            if (listeners.webSocketPort() >= 0) {
                bound("mqtt-ws", listeners.webSocketPort());
            }
            if (listeners.tlsPort() >= 0) {
                bound("mqtt-tls", listeners.tlsPort());
            }
            if (listeners.webSocketTlsPort() >= 0) {
                bound("mqtt-wss", listeners.webSocketTlsPort());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        } catch (Exception e) {
            // Netty throws what binding threw, checked or not.
            MqttConfig wanted = MqttConfig.from(values);
            throw new IOException(
                    "cannot listen on " + config.bind() + ", mqtt.port=" + wanted.port() + " mqtt.ws.port="
                            + wanted.webSocketPort(),
                    e);
        }
    }

    private RegisterNode registration(String host) {
        return Registration.of(
                config.nodeId(), values.get(ServerConfig.NODE_RACK), host, endpoints, KafkaConfig.from(values));
    }

    private void register(MetaLog meta) {
        MetaReply reply =
                await(meta.submit(registration("")), REGISTERED_MS_MAX, "the cluster did not register this node");
        if (!(reply instanceof MetaReply.Registered registered)) {
            throw new StartException("the cluster refused this node: " + reply);
        }
        log.info("node={} registered incarnation={}", config.nodeId(), registered.incarnationEpoch());
    }

    private void bound(String name, int port) {
        endpoints.put(name, new Endpoint(config.bind(), port));
        status.bound(endpoints);
    }
}
