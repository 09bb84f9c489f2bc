package io.robustmq.server.node;

import static io.robustmq.server.node.Waiting.await;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.journal.JournalConfig;
import io.robustmq.journal.remote.RemoteJournal;
import io.robustmq.kafka.pass.PassingBroker;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaFollower;
import io.robustmq.meta.raft.Voter;
import io.robustmq.mqtt.server.MqttServer;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.ClusterCalls;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.link.RelayClient;
import io.robustmq.server.security.Security;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Makes a node that keeps nothing: its metadata, log and coordinators are other nodes'. Used once, by one thread. */
final class BrokerApart {
    /** The others may be started by hand, one after the other. */
    private static final long CLUSTER_FOUND_MS_MAX = 600_000;

    private final NodeParts node;
    private final Configuration values;
    private final StartedParts parts;

    BrokerApart(NodeParts node) {
        this.node = node;
        this.values = node.values;
        this.parts = node.parts;
    }

    /** Returns when every listener is bound and the cluster knows this node. */
    void start() throws IOException {
        List<Voter> servers =
                values.get(MetaConfig.SERVERS).stream().map(Voter::parse).toList();
        MetaFollower meta = makeMeta(servers);
        Security security = node.makeSecurity(meta);
        Transport transport = parts.add("event loops", Transport.open(node.config.threads()));
        parts.add("meta", meta);
        AdminApi api = node.startAdmin(transport, security);
        LinkClient link = node.makeLink(transport, meta);
        link.firstAt(servers.stream()
                .collect(Collectors.toMap(
                        Voter::id, voter -> InetSocketAddress.createUnresolved(voter.host(), voter.port()))));
        meta.start(link, transport.loops().loops().get(0));
        RemoteJournal journal = makeLog(transport, meta, link);
        ClientParts clients = new ClientParts(node, transport, link);
        ClientParts.Logs logs = new ClientParts.Logs(journal, journal);
        Coordinators coordinators = clients.makeCoordinators(meta, logs);
        PassingBroker passing = new PassingBroker(
                meta, link, coordinators.groups()::partitionOf, coordinators.transactions()::partitionOf);
        KafkaServer kafka = clients.makeKafka(meta, meta, logs, coordinators, security, passing);
        MqttParts mqttParts = new MqttParts(node, transport);
        MqttServer mqtt = StartRules.servesMqtt(values)
                ? mqttParts.make(
                        meta,
                        journal,
                        new MqttServer.Cluster(journal, new RelayClient(link), link, () -> true),
                        security)
                : null;
        await(meta.whenReady(), CLUSTER_FOUND_MS_MAX, "no node of meta.servers knows a metadata leader");
        node.makeFirstUsers(security);
        node.directory.joined(meta.image().clusterId());
        clients.bind(kafka);
        api.serve("/api/v1/cluster/", new ClusterCalls(meta, meta));
        if (mqtt != null) {
            mqttParts.serve(mqtt, api);
        }
        join(transport, meta, link);
        if (mqtt != null) {
            MqttParts.letClientsIn(mqtt);
        }
    }

    private MetaFollower makeMeta(List<Voter> servers) {
        MetaFollower meta = new MetaFollower(
                MetaConfig.from(values),
                node.config.nodeId(),
                servers.stream().map(Voter::id).toList(),
                UUID::randomUUID,
                node.registry());
        node.status.showsImageOf(meta::image);
        node.status.showsQuorumOf(meta::quorum);
        return meta;
    }

    private RemoteJournal makeLog(Transport transport, MetaFollower meta, LinkClient link) {
        RemoteJournal journal = new RemoteJournal(
                meta,
                link,
                transport.loops(),
                Math.min(node.config.memoryBytesMax(), Runtime.getRuntime().maxMemory() / 8),
                JournalConfig.from(values).inflightBytesMax());
        Cancellable subscription = meta.subscribe(journal);
        parts.add("log of the cluster", subscription::cancel);
        return journal;
    }

    private void join(Transport transport, MetaFollower meta, LinkClient link) {
        Membership membership = parts.add(
                "membership",
                new Membership(
                        node.config.nodeId(),
                        meta,
                        Membership.Sessions.NONE,
                        link,
                        transport.loops().loops().get(0),
                        values.get(MetaConfig.SESSION_TIMEOUT_MS),
                        incarnation -> {},
                        until -> {}));
        String host = values.get(MetaConfig.HOST);
        CompletableFuture<Void> known =
                membership.register(node.registration(host.isEmpty() ? node.config.bind() : host));
        await(known, NodeParts.REGISTERED_MS_MAX, "the cluster did not register this node");
    }
}
