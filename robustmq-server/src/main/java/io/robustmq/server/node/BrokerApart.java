package io.robustmq.server.node;

import static io.robustmq.server.node.Waiting.await;

import io.robustmq.core.config.Configuration;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaFollower;
import io.robustmq.meta.raft.Voter;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.ClusterCalls;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.security.Security;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Makes a node that keeps nothing: its metadata, log and coordinators are other nodes'. Used once, by one thread. */
final class BrokerApart {
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
        RemoteClients clients = new RemoteClients(node, transport, link, meta, meta, security);
        await(meta.whenReady(), MetaParts.CLUSTER_FORMED_MS_MAX, "no node of meta.servers knows a metadata leader");
        node.makeFirstUsers(security);
        node.directory.joined(meta.image().clusterId());
        clients.bind(api);
        api.serve("/api/v1/cluster/", new ClusterCalls(meta, meta));
        join(transport, meta, link);
        clients.letIn();
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
