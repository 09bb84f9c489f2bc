package io.robustmq.server.node;

import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.server.admin.NodeStatus.Endpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What the cluster is told of this node. Stateless. */
final class Registration {
    private Registration() {}

    /**
     * Other nodes send Kafka's clients to where this node's configuration says that they reach it.
     *
     * @param host where the other nodes reach this one; empty for a node alone, which clients reach as they do
     */
    static RegisterNode of(
            int nodeId,
            String rack,
            Set<NodeRole> roles,
            String host,
            Map<String, Endpoint> endpoints,
            KafkaConfig kafka) {
        Map<String, String> addresses = new HashMap<>();
        endpoints.forEach((name, endpoint) -> addresses.put(name, host + ":" + endpoint.port()));
        addresses.computeIfPresent(
                "kafka", (name, bound) -> address(kafka.advertisedHost(), kafka.advertisedPort(), bound));
        addresses.computeIfPresent(
                "kafka-tls", (name, bound) -> address(kafka.tlsAdvertisedHost(), kafka.tlsAdvertisedPort(), bound));
        addresses.putAll(NodeRole.registered(roles));
        return new RegisterNode(nodeId, rack, addresses, -1, ClusterLevel.SUPPORTED);
    }

    private static String address(String host, int port, String bound) {
        int colon = bound.lastIndexOf(':');
        return (host.isEmpty() ? bound.substring(0, colon) : host)
                + ":"
                + (port == 0 ? bound.substring(colon + 1) : Integer.toString(port));
    }
}
