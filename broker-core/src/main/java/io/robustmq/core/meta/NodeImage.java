package io.robustmq.core.meta;

import java.util.Map;

/**
 * A node of the cluster.
 *
 * @param incarnationEpoch grows with every registration and fences what an earlier process of the node still does
 * @param endpoints listener name ({@code kafka}, {@code mqtt}, {@code admin} …) to {@code host:port}; host empty means "as reached"
 */
public record NodeImage(int id, long incarnationEpoch, boolean fenced, String rack, Map<String, String> endpoints) {
    public NodeImage {
        endpoints = Map.copyOf(endpoints);
    }

    public boolean has(NodeRole role) {
        return role.isAmong(endpoints);
    }
}
