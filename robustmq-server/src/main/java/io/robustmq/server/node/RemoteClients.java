package io.robustmq.server.node;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.journal.JournalConfig;
import io.robustmq.journal.remote.RemoteJournal;
import io.robustmq.kafka.pass.PassingBroker;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.meta.MetaService;
import io.robustmq.mqtt.server.MqttServer;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.link.RelayClient;
import io.robustmq.server.security.Security;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The listeners of a node whose log and coordinators are other nodes'. Used by the thread that starts the node. */
final class RemoteClients {
    private final ClientParts clients;
    private final MqttParts mqttParts;
    private final KafkaServer kafka;
    private final @Nullable MqttServer mqtt;

    RemoteClients(
            NodeParts node, Transport transport, LinkClient link, MetaLog meta, MetaQuorum quorum, Security security) {
        this.clients = new ClientParts(node, transport, link);
        this.mqttParts = new MqttParts(node, transport);
        RemoteJournal journal = new RemoteJournal(
                meta,
                link,
                transport.loops(),
                Math.min(node.config.memoryBytesMax(), Runtime.getRuntime().maxMemory() / 8),
                JournalConfig.from(node.values).inflightBytesMax());
        Cancellable subscription = meta.subscribe(journal);
        node.parts.add("log of the cluster", subscription::cancel);
        ClientParts.Logs logs = new ClientParts.Logs(journal, journal);
        Coordinators coordinators = clients.makeCoordinators(meta, logs);
        PassingBroker passing = new PassingBroker(
                meta, link, coordinators.groups()::partitionOf, coordinators.transactions()::partitionOf);
        this.kafka = clients.makeKafka(meta, quorum, logs, coordinators, security, passing);
        this.mqtt = StartRules.servesMqtt(node.values)
                ? mqttParts.make(
                        meta,
                        journal,
                        new MqttServer.Cluster(journal, new RelayClient(link), link, () -> true),
                        security)
                : null;
    }

    void bind(AdminApi api) throws IOException {
        clients.bind(kafka);
        if (mqtt != null) {
            mqttParts.serve(mqtt, api);
        }
    }

    /** When the cluster knows this node: of one that keeps the metadata, which may fail here alone. */
    void guard(MetaService meta, LinkClient link) {
        clients.guard(meta, link, kafka, mqtt);
    }

    /** When the cluster knows this node. */
    void letIn() {
        if (mqtt != null) {
            MqttParts.letClientsIn(mqtt);
        }
    }
}
