package io.robustmq.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.journal.JournalConfig;
import io.robustmq.journal.JournalService;
import io.robustmq.journal.remote.ClusterJournal;
import io.robustmq.journal.remote.RemoteJournal;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.pass.PassingBroker;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaFollower;
import io.robustmq.meta.MetaService;
import io.robustmq.meta.raft.Voter;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.server.MqttServer;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.AdminServer;
import io.robustmq.server.admin.MqttCalls;
import io.robustmq.server.admin.NodeMetrics;
import io.robustmq.server.admin.NodeStatus;
import io.robustmq.server.admin.NodeStatus.Endpoint;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.link.LinkSecret;
import io.robustmq.server.link.LinkServer;
import io.robustmq.server.link.RelayClient;
import io.robustmq.server.security.Security;
import io.robustmq.server.security.SecurityConfig;
import io.robustmq.server.store.DataDirectory;
import io.robustmq.server.tls.TlsConfig;
import io.robustmq.server.tls.TlsContexts;
import io.robustmq.server.trace.TraceFiles;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
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

    Wiring(Configuration values, ServerConfig config, NodeStatus status, StartedParts parts) {
        this.values = values;
        this.config = config;
        this.status = status;
        this.parts = parts;
        boolean servesOthers = !config.roleSet().contains(NodeRole.BROKER);
        this.cluster = values.get(MetaConfig.VOTERS).size() > 1 || servesOthers;
    }

    /** Returns when every listener is bound and the cluster knows this node. */
    void start() throws IOException {
        if (!config.roleSet().contains(NodeRole.JOURNAL)) {
            startBroker();
            return;
        }
        DataDirectory directory = parts.add("data directory", DataDirectory.open(config.dataDir(), config.nodeId()));
        NodeMetrics metrics = parts.add("metrics", new NodeMetrics(status));
        MeterRegistry registry = metrics.registry();
        MetaService meta = makeMeta(directory, registry);
        Security security = makeSecurity(meta, registry);
        CompletableFuture<Void> metaStarted = startMeta(meta);
        Transport transport = parts.add("event loops", Transport.open(config.threads()));
        AdminApi api = startAdmin(transport, metrics, security);
        LinkClient link = cluster ? makeLink(transport, meta) : null;
        JournalService journal = makeJournal(directory, transport, meta, link, registry);
        ClusterJournal everywhere = link == null ? null : makeClusterLog(transport, meta, journal, link);
        ClientParts clients = new ClientParts(values, config, parts, transport, link);
        Coordinators coordinators = clients.makeCoordinators(meta, journal, everywhere);
        KafkaServer kafka = clients.makeKafka(meta, journal, coordinators, security, registry, null);
        boolean servesMqtt = !cluster || StartRules.servesMqtt(values);
        MqttServer mqtt = servesMqtt
                ? makeMqtt(
                        directory,
                        transport,
                        meta,
                        everywhere == null ? journal : everywhere,
                        link == null || everywhere == null
                                ? null
                                : new MqttServer.Cluster(journal, new RelayClient(link), link, everywhere::isCaughtUp),
                        security,
                        registry)
                : null;
        await(metaStarted, FORMED_MS_MAX, "the metadata did not start");
        await(meta.whenReady(), cluster ? CLUSTER_FORMED_MS_MAX : FORMED_MS_MAX, "the cluster has no metadata leader");
        bound("meta", meta.port());
        makeFirstUsers(security);
        directory.joined(meta.image().clusterId());
        await(journal.recovered(), RECOVERED_MS_MAX, "the partitions did not recover");
        journal.start();
        if (config.roleSet().contains(NodeRole.BROKER)) {
            bindKafka(kafka);
        }
        if (mqtt != null) {
            bindMqtt(mqtt);
            api.serve("/api/v1/mqtt/", new MqttCalls(mqtt.admin(), System::currentTimeMillis));
        }
        if (link != null) {
            joinCluster(transport, meta, journal, coordinators, kafka, link, mqtt);
        } else {
            register(meta);
        }
    }

    /** A node that keeps nothing: its metadata, log and coordinators are other nodes'. */
    private void startBroker() throws IOException {
        DataDirectory directory = parts.add("data directory", DataDirectory.open(config.dataDir(), config.nodeId()));
        NodeMetrics metrics = parts.add("metrics", new NodeMetrics(status));
        MeterRegistry registry = metrics.registry();
        List<Voter> servers =
                values.get(MetaConfig.SERVERS).stream().map(Voter::parse).toList();
        MetaFollower meta = new MetaFollower(
                MetaConfig.from(values),
                config.nodeId(),
                servers.stream().map(Voter::id).toList(),
                UUID::randomUUID,
                registry);
        status.showsImageOf(meta::image);
        Security security = makeSecurity(meta, registry);
        Transport transport = parts.add("event loops", Transport.open(config.threads()));
        parts.add("meta", meta);
        AdminApi api = startAdmin(transport, metrics, security);
        LinkClient link = makeLink(transport, meta);
        link.firstAt(servers.stream()
                .collect(Collectors.toMap(
                        Voter::id, voter -> InetSocketAddress.createUnresolved(voter.host(), voter.port()))));
        meta.start(link, transport.loops().loops().get(0));
        RemoteJournal journal = new RemoteJournal(
                meta,
                link,
                transport.loops(),
                Math.min(config.memoryBytesMax(), Runtime.getRuntime().maxMemory() / 8),
                JournalConfig.from(values).inflightBytesMax());
        Cancellable subscription = meta.subscribe(journal);
        parts.add("log of the cluster", subscription::cancel);
        ClientParts clients = new ClientParts(values, config, parts, transport, link);
        Coordinators coordinators = clients.makeCoordinators(meta, journal, journal);
        PassingBroker passing = new PassingBroker(
                meta, link, coordinators.groups()::partitionOf, coordinators.transactions()::partitionOf);
        KafkaServer kafka = clients.makeKafka(meta, journal, coordinators, security, registry, passing);
        MqttServer mqtt = StartRules.servesMqtt(values)
                ? makeMqtt(
                        directory,
                        transport,
                        meta,
                        journal,
                        new MqttServer.Cluster(journal, new RelayClient(link), link, () -> true),
                        security,
                        registry)
                : null;
        await(meta.whenReady(), CLUSTER_FORMED_MS_MAX, "no node of meta.servers knows a metadata leader");
        makeFirstUsers(security);
        directory.joined(meta.image().clusterId());
        bindKafka(kafka);
        if (mqtt != null) {
            bindMqtt(mqtt);
            api.serve("/api/v1/mqtt/", new MqttCalls(mqtt.admin(), System::currentTimeMillis));
        }
        Membership membership = parts.add(
                "membership",
                new Membership(
                        config.nodeId(),
                        meta,
                        Membership.Sessions.NONE,
                        link,
                        transport.loops().loops().get(0),
                        values.get(MetaConfig.SESSION_TIMEOUT_MS),
                        incarnation -> {},
                        until -> {}));
        String advertised = values.get(KafkaConfig.ADVERTISED_HOST);
        CompletableFuture<Void> known =
                membership.register(registration(advertised.isEmpty() ? config.bind() : advertised));
        await(known, REGISTERED_MS_MAX, "the cluster did not register this node");
        if (mqtt != null) {
            letClientsIn(mqtt);
        }
    }

    private void bindKafka(KafkaServer kafka) throws IOException {
        bound("kafka", kafka.bind(config.bind()).getPort());
        if (tls != null && values.get(KafkaConfig.TLS_PORT) >= 0) {
            bound("kafka-tls", kafka.bindTls(config.bind(), tls).getPort());
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
                        new LinkSecret(values.get(ServerConfig.JOURNAL_SECRET)),
                        meta::image));
    }

    /** Other nodes may ask this one, then they are told that it is there. */
    private void joinCluster(
            Transport transport,
            MetaService meta,
            JournalService journal,
            Coordinators coordinators,
            KafkaServer kafka,
            LinkClient link,
            @Nullable MqttServer mqtt)
            throws IOException {
        Membership membership = new Membership(
                config.nodeId(),
                meta,
                Membership.Sessions.of(meta),
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
                LinkServices.of(membership, meta, journal, coordinators, kafka, mqtt),
                new LinkSecret(values.get(ServerConfig.JOURNAL_SECRET)),
                () -> meta.image().clusterId());
        parts.add("other nodes", server);
        bound("journal", server.port());
        parts.add("membership", membership);
        CompletableFuture<Void> known = membership.register(registration(meta.host()));
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

    private MetaService makeMeta(DataDirectory directory, MeterRegistry registry) {
        MetaConfig metaConfig = MetaConfig.from(values);
        // A single voter has nobody to talk to, so its port is not for others, whatever the clients' listeners bind.
        String bind = metaConfig.voters().isEmpty() ? LOOPBACK : config.bind();
        MetaService meta = new MetaService(
                metaConfig, directory.path().resolve("meta"), config.nodeId(), bind, UUID::randomUUID, registry);
        status.showsImageOf(meta::image);
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
        SegmentStore files = parts.add("files", new SsdStore(directory.path().resolve("journal")));
        SegmentStore memory = parts.add("memory", new MemoryStore(config.memoryBytesMax()));
        JournalService journal = new JournalService(
                JournalConfig.from(values),
                transport.loops(),
                Map.of("ssd", files, "memory", memory),
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

    private MqttServer makeMqtt(
            DataDirectory directory,
            Transport transport,
            MetaLog meta,
            Journal journal,
            MqttServer.@Nullable Cluster others,
            Security security,
            MeterRegistry registry) {
        boolean listens = config.roleSet().contains(NodeRole.BROKER);
        MqttConfig mqttConfig = MqttConfig.from(listens ? values : StartRules.withoutMqttListeners(values));
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
                new MqttServer.Core(config.nodeId(), journal, meta, traces, others),
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

    /** @param host where the other nodes reach this one; empty for a node alone, which clients reach as they do */
    private RegisterNode registration(String host) {
        Map<String, String> addresses = new HashMap<>();
        endpoints.forEach((name, endpoint) -> addresses.put(name, host + ":" + endpoint.port()));
        addresses.putAll(NodeRole.registered(config.roleSet()));
        return new RegisterNode(config.nodeId(), "", addresses);
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

    private static <T> T await(CompletableFuture<T> future, long timeoutMs, String otherwise) {
        try {
            return future.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StartException(otherwise + " within " + timeoutMs / 1000 + " s");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException || cause instanceof BrokerException) {
                throw new StartException(otherwise + ": " + cause.getMessage());
            }
            throw new IllegalStateException(otherwise, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        }
    }
}
