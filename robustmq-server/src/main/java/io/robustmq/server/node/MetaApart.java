package io.robustmq.server.node;

import static io.robustmq.server.node.Waiting.await;

import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.port.NodeLink;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaService;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.ClusterCalls;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.link.LinkServer;
import io.robustmq.server.security.Security;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Makes a node that keeps the metadata and no log; what clients ask it, if it has listeners, others answer. Used once, by one thread. */
final class MetaApart {
    private final NodeParts node;
    private final StartedParts parts;

    MetaApart(NodeParts node) {
        this.node = node;
        this.parts = node.parts;
    }

    /** Returns when every listener is bound and the cluster knows this node. */
    void start() throws IOException {
        MetaParts metaParts = new MetaParts(node);
        MetaService meta = metaParts.make();
        Security security = node.makeSecurity(meta);
        CompletableFuture<Void> metaStarted = metaParts.start(meta);
        Transport transport = parts.add("event loops", Transport.open(node.config.threads()));
        AdminApi api = node.startAdmin(transport, security);
        LinkClient link = node.makeLink(transport, meta);
        RemoteClients clients = node.config.roleSet().contains(NodeRole.BROKER)
                ? new RemoteClients(node, transport, link, meta, meta, security)
                : null;
        metaParts.await(meta, metaStarted);
        node.makeFirstUsers(security);
        node.directory.joined(meta.image().clusterId());
        if (clients != null) {
            clients.bind(api);
        }
        api.serve("/api/v1/cluster/", new ClusterCalls(meta, meta));
        join(transport, meta, link);
        if (clients != null) {
            clients.letIn();
            clients.guard(meta, link);
        }
    }

    private void join(Transport transport, MetaService meta, LinkClient link) throws IOException {
        Membership membership = new Membership(
                node.config.nodeId(),
                meta,
                Membership.Sessions.of(meta),
                link,
                transport.loops().loops().get(0),
                node.values.get(MetaConfig.SESSION_TIMEOUT_MS),
                incarnation -> {},
                until -> {});
        link.watchedBy(meta::lost, meta::found);
        LinkServer server = LinkServer.bind(
                new InetSocketAddress(node.config.bind(), node.values.get(ServerConfig.JOURNAL_PORT)),
                transport.group(),
                transport.serverChannel(),
                transport.loops(),
                Map.of(NodeLink.Call.HEARTBEAT, membership, NodeLink.Call.META, meta.feed()),
                node.terms(),
                () -> meta.image().clusterId());
        parts.add("other nodes", server);
        node.bound("journal", server.port());
        parts.add("membership", membership);
        await(
                membership.register(node.registration(meta.host())),
                NodeParts.REGISTERED_MS_MAX,
                "the cluster did not register this node");
    }
}
