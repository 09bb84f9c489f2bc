package io.robustmq.server.node;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.share.ShareConfig;
import io.robustmq.core.share.ShareService;
import io.robustmq.core.share.link.ShareLink;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.core.txn.TxnService;
import io.robustmq.core.txn.link.TxnLink;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.group.GroupApis;
import io.robustmq.kafka.handler.Brokers;
import io.robustmq.kafka.handler.KafkaApis;
import io.robustmq.kafka.handler.KafkaContext;
import io.robustmq.kafka.pass.ClientsView;
import io.robustmq.kafka.pass.PassingBroker;
import io.robustmq.kafka.security.SecurityApis;
import io.robustmq.kafka.server.ApiTable;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.kafka.share.ShareApis;
import io.robustmq.kafka.telemetry.TelemetryApis;
import io.robustmq.kafka.txn.TxnApis;
import io.robustmq.meta.LeaderInquiry;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaService;
import io.robustmq.mqtt.server.MqttServer;
import io.robustmq.server.config.AllKeys;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.logging.LogbackLoggers;
import io.robustmq.server.security.Security;
import io.robustmq.server.tls.TlsContexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes coordinators and the Kafka side, on the node's own log or on others'. Used by the thread that starts the node.
 *
 * @param link null without other nodes
 */
record ClientParts(
        NodeParts node, Transport transport, @Nullable LinkClient link) {

    /**
     * What the node has of the log.
     *
     * @param led what it serves as the leader does
     * @param everywhere as far as other nodes have it too
     */
    record Logs(Journal led, Journal everywhere) {}

    Coordinators makeCoordinators(MetaLog meta, Logs logs) {
        GroupService groups = makeGroups(meta, logs.led());
        return new Coordinators(
                groups, makeTransactions(meta, logs.led(), groups), makeShares(meta, logs.led(), logs.everywhere()));
    }

    private GroupService makeGroups(MetaLog meta, Journal journal) {
        GroupService groups = new GroupService(
                GroupConfig.from(node.values),
                node.config.nodeId(),
                journal,
                meta,
                transport.loops(),
                ByteBufAllocator.DEFAULT);
        groups.start();
        return node.parts.add("groups", groups);
    }

    private TxnService makeTransactions(MetaLog meta, Journal journal, GroupService groups) {
        TxnService transactions = new TxnService(
                TxnConfig.from(node.values),
                node.config.nodeId(),
                journal,
                groups,
                meta,
                transport.loops(),
                ByteBufAllocator.DEFAULT);
        if (link != null) {
            transactions.joinCluster(new TxnLink(link, transport.loops()));
        }
        transactions.start();
        return node.parts.add("transactions", transactions);
    }

    private ShareService makeShares(MetaLog meta, Journal journal, Journal everywhere) {
        ShareService shares = new ShareService(
                ShareConfig.from(node.values),
                node.config.nodeId(),
                journal,
                everywhere,
                meta,
                transport.loops(),
                ByteBufAllocator.DEFAULT);
        if (link != null) {
            shares.joinCluster(new ShareLink(link, transport.loops()));
        }
        shares.start();
        return node.parts.add("share groups", shares);
    }

    /** @param passing null where the node itself coordinates what it leads */
    KafkaServer makeKafka(
            MetaLog meta,
            MetaQuorum quorum,
            Logs logs,
            Coordinators coordinators,
            Security security,
            @Nullable PassingBroker passing) {
        KafkaConfig kafkaConfig = KafkaConfig.from(node.values);
        KafkaMetrics kafkaMetrics = new KafkaMetrics(node.registry());
        MetaLog told = new ClientsView(meta);
        KafkaContext context = new KafkaContext(
                node.config.nodeId(),
                kafkaConfig,
                logs.led(),
                told,
                meta,
                security.authorizer(),
                kafkaMetrics,
                AllKeys.list(),
                node.values,
                transport.loops().loops().get(0),
                coordinators.transactions(),
                new LogbackLoggers(),
                logs.everywhere(),
                quorum);
        GroupService groups = coordinators.groups();
        ShareService shares = coordinators.shares();
        ApiTable.Builder apis = new ApiTable.Builder(node.config.nodeId(), told);
        KafkaApis.addTo(apis, context);
        Brokers brokers = new Brokers(node.config.nodeId(), kafkaConfig);
        GroupApis.addTo(apis, groups, coordinators.transactions(), shares, told, security.authorizer(), brokers);
        TxnApis.addTo(apis, context, groups);
        ShareApis.addTo(apis, context, shares, groups);
        SecurityApis.addTo(apis, security.logins(), told, security.authorizer());
        TelemetryApis.addTo(apis, kafkaConfig, told, node.registry());
        KafkaServer kafka = new KafkaServer(
                kafkaConfig,
                (passing == null ? apis : passing.changes(apis)).build(),
                transport.group(),
                transport.loops(),
                transport.serverChannel(),
                kafkaMetrics,
                security.logins());
        return node.parts.add("kafka", kafka);
    }

    /** In a cluster, from when it knows this node: no client stays where nothing is heard of the metadata. */
    void guard(MetaService meta, NodeLink others, KafkaServer kafka, @Nullable MqttServer mqtt) {
        int nodeId = node.config.nodeId();
        Loop loop = transport.loops().loops().get(0);
        List<ClientGate.Clients> clients = new ArrayList<>();
        clients.add(new ClientGate.Clients(
                () -> node.status.turnsClientsAway(true), () -> node.status.turnsClientsAway(false)));
        clients.add(new ClientGate.Clients(kafka::turnClientsAway, kafka::letClientsIn));
        if (mqtt != null) {
            clients.add(new ClientGate.Clients(mqtt::turnClientsAway, mqtt::letClientsIn));
        }
        ClientGate gate = node.parts.add(
                "gate of clients",
                new ClientGate(
                        nodeId,
                        meta::ready,
                        new LeaderInquiry(nodeId, meta::image, others, loop)::ask,
                        clients,
                        loop,
                        node.values.get(MetaConfig.SESSION_TIMEOUT_MS)));
        gate.start();
    }

    void bind(KafkaServer kafka) throws IOException {
        node.bound("kafka", kafka.bind(node.config.bind()).getPort());
        TlsContexts tls = node.tls();
        if (tls != null && node.values.get(KafkaConfig.TLS_PORT) >= 0) {
            node.bound("kafka-tls", kafka.bindTls(node.config.bind(), tls).getPort());
        }
    }
}
