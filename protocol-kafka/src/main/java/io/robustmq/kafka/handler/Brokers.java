package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.kafka.KafkaConfig;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where clients reach the nodes of the cluster. Immutable. */
public final class Brokers {
    private static final String LISTENER = "kafka";
    private static final String TLS_LISTENER = "kafka-tls";

    private final int nodeId;
    private final KafkaConfig config;

    public Brokers(int nodeId, KafkaConfig config) {
        this.nodeId = nodeId;
        this.config = config;
    }

    /**
     * The address of {@code node} for a client that reached this node at {@code reached}; null when it has no Kafka
     * listener. Fenced nodes have addresses too.
     */
    @Nullable
    HostPort address(NodeImage node, InetSocketAddress reached) {
        if (node.id() == nodeId) {
            String host = isTls(reached) ? config.tlsAdvertisedHost() : config.advertisedHost();
            int port = isTls(reached) ? config.tlsAdvertisedPort() : config.advertisedPort();
            return new HostPort(host.isEmpty() ? hostOf(reached) : host, port == 0 ? reached.getPort() : port);
        }
        String endpoint = node.endpoints().get(isTls(reached) ? TLS_LISTENER : LISTENER);
        int colon = endpoint == null ? -1 : endpoint.lastIndexOf(':');
        if (endpoint == null || colon < 0) {
            return null;
        }
        String host = endpoint.substring(0, colon);
        return new HostPort(host.isEmpty() ? hostOf(reached) : host, Integer.parseInt(endpoint.substring(colon + 1)));
    }

    /** As {@link #address}, null for a node that clients should not try now. */
    public @Nullable HostPort alive(MetaImage image, int id, InetSocketAddress reached) {
        NodeImage node = image.nodes().get(id);
        return node == null || node.fenced() ? null : address(node, reached);
    }

    /** The replicas whose nodes cannot be reached now, or cannot use them. */
    static List<Integer> offline(MetaImage image, TopicImage topic, PartitionImage partition) {
        List<Integer> offline = new ArrayList<>(0);
        for (int replica : partition.replicas()) {
            NodeImage node = image.nodes().get(replica);
            boolean unusable = OfflineReplicas.has(image, replica, topic.id(), partition.index());
            if (node == null || node.fenced() || unusable) {
                offline.add(replica);
            }
        }
        return offline;
    }

    /**
     * Where an administrator's client sends changes: any node passes them on, so the meta leader if it can be reached. A node that
     * knows of no leader may be the only one, and its client would stay with it: the next node by id, then.
     */
    int controller(MetaImage image, InetSocketAddress reached) {
        if (image.leaderNode() < 0) {
            return next(image, reached);
        }
        return alive(image, image.leaderNode(), reached) == null ? nodeId : image.leaderNode();
    }

    private int next(MetaImage image, InetSocketAddress reached) {
        return image.nodes().keySet().stream()
                .filter(id -> id == nodeId || alive(image, id, reached) != null)
                .min(Comparator.<Integer, Boolean>comparing(id -> id <= nodeId).thenComparing(id -> id))
                .orElse(nodeId);
    }

    private boolean isTls(InetSocketAddress reached) {
        return config.tlsPort() > 0 && reached.getPort() == config.tlsPort();
    }

    private static String hostOf(InetSocketAddress reached) {
        return reached.getAddress() == null
                ? reached.getHostString()
                : reached.getAddress().getHostAddress();
    }

    /** Where to connect to. */
    public record HostPort(String host, int port) {}
}
