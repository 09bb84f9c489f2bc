package io.robustmq.server.node;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.meta.MetaConfig;
import io.robustmq.meta.MetaService;
import io.robustmq.meta.raft.RaftTls;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.tls.TlsContexts;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Makes the metadata of a node that keeps it, whether it votes or follows. Used by the thread that starts the node. */
record MetaParts(NodeParts node) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long FORMED_MS_MAX = 60_000;
    /** The others may be started by hand, one after the other. */
    static final long CLUSTER_FORMED_MS_MAX = 600_000;

    MetaService make() {
        Configuration values = node.values;
        ServerConfig config = node.config;
        MetaConfig metaConfig = MetaConfig.from(values);
        // A single voter has nobody to talk to, so its port is not for others, whatever the clients' listeners bind.
        String bind = metaConfig.voters().isEmpty() ? LOOPBACK : config.bind();
        MetaService meta = new MetaService(
                metaConfig,
                node.directory.path().resolve("meta"),
                config.nodeId(),
                bind,
                UUID::randomUUID,
                node.registry());
        meta.formsAt(ClusterLevel.SUPPORTED.newest());
        TlsContexts clusterTls = node.clusterTls();
        if (clusterTls != null) {
            meta.secureBy(new RaftTls(clusterTls.keys(), clusterTls.trust()));
        }
        node.status.showsImageOf(meta::image);
        node.status.showsQuorumOf(meta::quorum);
        return meta;
    }

    /** In a thread of its own: it takes as long as all the rest, and the rest needs it only at the end. */
    CompletableFuture<Void> start(MetaService meta) {
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
        node.parts.add("meta", () -> {
            meta.stopLooking();
            starter.join();
            meta.close();
        });
        starter.start();
        return started;
    }

    /** Until it is there, and has a leader. */
    void await(MetaService meta, CompletableFuture<Void> started) {
        boolean alone = node.values.get(MetaConfig.VOTERS).isEmpty();
        long timeoutMs = alone ? FORMED_MS_MAX : CLUSTER_FORMED_MS_MAX;
        Waiting.await(started, timeoutMs, "the metadata did not start");
        Waiting.await(meta.whenReady(), timeoutMs, "the cluster has no metadata leader");
        node.bound("meta", meta.port());
    }
}
