package io.robustmq.server.node;

import io.robustmq.core.port.NodeLink;
import io.robustmq.core.share.link.ShareLinkService;
import io.robustmq.core.tier.TierService;
import io.robustmq.core.tier.link.TierLinkService;
import io.robustmq.core.txn.link.TxnLinkService;
import io.robustmq.journal.JournalService;
import io.robustmq.journal.home.sweep.PacksService;
import io.robustmq.journal.remote.AppendService;
import io.robustmq.journal.remote.ClusterJournal;
import io.robustmq.journal.remote.LogService;
import io.robustmq.journal.remote.TailService;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.meta.MetaService;
import io.robustmq.mqtt.server.MqttServer;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this node answers to the others. */
final class LinkServices {
    private LinkServices() {}

    /** What coordinates on this node: for clients, and for leaders of partitions. */
    record Asked(Coordinators ofClients, TierService manifests, PacksService packs) {}

    static Map<NodeLink.Call, NodeLink.Service> of(
            Membership membership,
            MetaService meta,
            JournalService journal,
            ClusterJournal everywhere,
            Asked all,
            KafkaServer kafka,
            @Nullable MqttServer mqtt) {
        Coordinators coordinators = all.ofClients();
        Map<NodeLink.Call, NodeLink.Service> services = new EnumMap<>(NodeLink.Call.class);
        services.put(NodeLink.Call.HEARTBEAT, membership);
        services.put(NodeLink.Call.FETCH, journal.fetchService());
        services.put(NodeLink.Call.TRANSACTION, new TxnLinkService(coordinators.transactions()));
        services.put(NodeLink.Call.SHARE, new ShareLinkService(coordinators.shares(), coordinators.groups()));
        services.put(NodeLink.Call.SEGMENTS, new TierLinkService(all.manifests()));
        services.put(NodeLink.Call.PACKS, all.packs());
        services.put(NodeLink.Call.APPEND, new AppendService(journal, meta, everywhere));
        services.put(NodeLink.Call.META, meta.feed());
        services.put(NodeLink.Call.LOG, new LogService(journal));
        services.put(NodeLink.Call.TAIL, new TailService(journal));
        services.put(NodeLink.Call.KAFKA, kafka.passedRequests());
        if (mqtt != null) {
            services.put(NodeLink.Call.MQTT, mqtt.service());
        }
        return services;
    }
}
