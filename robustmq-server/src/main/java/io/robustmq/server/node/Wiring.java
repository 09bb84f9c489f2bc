package io.robustmq.server.node;

import static io.robustmq.server.node.Waiting.await;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.tier.TierService;
import io.robustmq.journal.JournalConfig;
import io.robustmq.journal.JournalService;
import io.robustmq.journal.home.NodeHome;
import io.robustmq.journal.remote.ClusterJournal;
import io.robustmq.journal.remote.HomeJournal;
import io.robustmq.journal.tier.NodeTier;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaService;
import io.robustmq.mqtt.server.MqttServer;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.ClusterCalls;
import io.robustmq.server.admin.NodeStatus;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.link.LinkServer;
import io.robustmq.server.link.RelayClient;
import io.robustmq.server.security.Security;
import io.robustmq.server.store.OrderlyStop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the parts of a node by hand and connects them, in the order that {@link Node} shows; {@link MetaApart} does for one that
 * keeps no log, {@link BrokerApart} for one that keeps nothing. Used once, by one thread.
 */
final class Wiring {
    private static final Logger log = LoggerFactory.getLogger(Wiring.class);
    private static final long RECOVERED_MS_MAX = 3_600_000;
    /** Said by nodes that are home to sessions and have no listener for their clients: where other nodes pass these on to. */
    private static final String MQTT_HOME = "mqtt-home";

    private final Configuration values;
    private final ServerConfig config;
    private final StartedParts parts;
    private final NodeParts node;
    private final boolean cluster;

    private Wiring(NodeParts node) {
        this.node = node;
        this.values = node.values;
        this.config = node.config;
        this.parts = node.parts;
        this.cluster = !values.get(MetaConfig.VOTERS).isEmpty();
    }

    /** Returns when every listener is bound and the cluster knows this node. */
    static void start(Configuration values, ServerConfig config, NodeStatus status, StartedParts parts)
            throws IOException {
        NodeParts node = NodeParts.open(values, config, status, parts);
        if (config.roleSet().contains(NodeRole.JOURNAL)) {
            new Wiring(node).start();
        } else if (config.roleSet().contains(NodeRole.META)) {
            new MetaApart(node).start();
        } else {
            new BrokerApart(node).start();
        }
    }

    private void start() throws IOException {
        OrderlyStop orderly = parts.add("note of the stop", OrderlyStop.take(node.directory.path()));
        MetaParts metaParts = new MetaParts(node);
        MetaService meta = metaParts.make();
        Security security = node.makeSecurity(meta);
        CompletableFuture<Void> metaStarted = metaParts.start(meta);
        Transport transport = parts.add("event loops", Transport.open(config.threads()));
        AdminApi api = node.startAdmin(transport, security);
        LinkClient link = cluster ? node.makeLink(transport, meta) : null;
        TierParts tierParts = new TierParts(node);
        JournalService journal = makeJournal(transport, meta, link, tierParts.openStore(meta), tierParts.openHome());
        TierService manifests = tierParts.makeManifests(meta, journal, transport, link);
        orderly.watches(journal::closedCleanly, journal::incarnation);
        ClusterJournal everywhere = link == null ? null : makeClusterLog(transport, meta, journal, link);
        ClientParts clients = new ClientParts(node, transport, link);
        ClientParts.Logs logs = new ClientParts.Logs(journal, everywhere == null ? journal : everywhere);
        Coordinators coordinators = clients.makeCoordinators(meta, logs);
        KafkaServer kafka = clients.makeKafka(meta, meta, logs, coordinators, security, null);
        MqttParts mqttParts = new MqttParts(node, transport);
        boolean servesMqtt = !cluster || StartRules.servesMqtt(values);
        MqttServer mqtt = servesMqtt
                ? mqttParts.make(
                        meta,
                        everywhere == null ? journal : makeHomeLog(transport, meta, everywhere),
                        others(link, journal, everywhere),
                        security)
                : null;
        metaParts.await(meta, metaStarted);
        if (!cluster) {
            journal.metadataReadAlone();
        }
        node.makeFirstUsers(security);
        node.directory.joined(meta.image().clusterId());
        await(journal.recovered(), RECOVERED_MS_MAX, "the partitions did not recover");
        journal.start();
        tierParts.startSweeper(meta, journal, transport, link);
        if (config.roleSet().contains(NodeRole.BROKER)) {
            clients.bind(kafka);
        }
        api.serve("/api/v1/cluster/", new ClusterCalls(meta, meta));
        tierParts.serve(
                api,
                meta,
                journal,
                everywhere == null ? journal : new HomeJournal(everywhere, transport.loops(), 0),
                transport.loops());
        if (mqtt != null) {
            mqttParts.serve(mqtt, api);
        }
        if (link != null && everywhere != null) {
            joinCluster(
                    transport,
                    meta,
                    journal,
                    everywhere,
                    new LinkServices.Asked(coordinators, manifests, tierParts.answerPacks(journal)),
                    kafka,
                    link,
                    mqtt,
                    journal.hasAll() ? orderly.previous() : -1);
            clients.guard(meta, link, kafka, mqtt);
        } else {
            register(meta);
        }
    }

    private static MqttServer.@Nullable Cluster others(
            @Nullable LinkClient link, JournalService journal, @Nullable ClusterJournal everywhere) {
        return link == null || everywhere == null
                ? null
                : new MqttServer.Cluster(journal, new RelayClient(link), link, everywhere::isCaughtUp);
    }

    /** Other nodes may ask this one, then they are told that it is there. */
    private void joinCluster(
            Transport transport,
            MetaService meta,
            JournalService journal,
            ClusterJournal everywhere,
            LinkServices.Asked coordinators,
            KafkaServer kafka,
            LinkClient link,
            @Nullable MqttServer mqtt,
            long previous)
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
                LinkServices.of(membership, meta, journal, everywhere, coordinators, kafka, mqtt),
                node.terms(),
                () -> meta.image().clusterId());
        parts.add("other nodes", server);
        node.bound("journal", server.port());
        if (mqtt != null && !config.roleSet().contains(NodeRole.BROKER)) {
            node.bound(MQTT_HOME, server.port());
        }
        parts.add("membership", membership);
        CompletableFuture<Void> known =
                membership.register(node.registration(meta.host()).after(previous));
        await(known, NodeParts.REGISTERED_MS_MAX, "the cluster did not register this node");
        if (mqtt != null) {
            server.relayTo(mqtt::relayed);
            MqttParts.letClientsIn(mqtt);
        }
    }

    private JournalService makeJournal(
            Transport transport,
            MetaLog meta,
            @Nullable LinkClient link,
            @Nullable NodeTier tier,
            @Nullable NodeHome home)
            throws IOException {
        Stores stores = parts.add("stores", Stores.open(node.directory.path(), config, values));
        JournalService journal = new JournalService(
                JournalConfig.from(values),
                transport.loops(),
                stores.named(),
                stores.directories().stores(),
                config.nodeId(),
                node.registry(),
                tier,
                home);
        parts.add("journal", journal);
        if (link != null) {
            journal.joinCluster(meta, link);
        }
        Cancellable subscription = meta.subscribe(journal);
        parts.add("journal's subscription", subscription::cancel);
        return journal;
    }

    private ClusterJournal makeClusterLog(Transport transport, MetaLog meta, JournalService journal, LinkClient link) {
        ClusterJournal everywhere = new ClusterJournal(config.nodeId(), journal, meta, link, transport.loops());
        Cancellable subscription = meta.subscribe(everywhere);
        parts.add("log of the cluster", subscription::cancel);
        return everywhere;
    }

    private HomeJournal makeHomeLog(Transport transport, MetaLog meta, ClusterJournal everywhere) {
        long readBytesMax =
                Math.min(config.memoryBytesMax(), Runtime.getRuntime().maxMemory() / 8);
        HomeJournal home = new HomeJournal(everywhere, transport.loops(), readBytesMax);
        Cancellable subscription = meta.subscribe(home);
        parts.add("log of sessions", subscription::cancel);
        return home;
    }

    private void register(MetaLog meta) {
        MetaReply reply = await(
                meta.submit(node.registration("")),
                NodeParts.REGISTERED_MS_MAX,
                "the cluster did not register this node");
        if (!(reply instanceof MetaReply.Registered registered)) {
            throw new StartException("the cluster refused this node: " + reply);
        }
        log.info("node={} registered incarnation={}", config.nodeId(), registered.incarnationEpoch());
    }
}
