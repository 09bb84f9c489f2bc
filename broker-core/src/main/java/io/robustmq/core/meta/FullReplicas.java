package io.robustmq.core.meta;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.util.Set;

/**
 * Replicas that a node cannot append to for want of room: others lead and are in sync, where there are others. A row for each node, whose
 * keys are the partitions. A version that knows nothing of it lets such a node lead, and nothing is lost by that.
 */
public final class FullReplicas {
    private static final String PREFIX = "full-";

    private FullReplicas() {}

    /** The row of a node. */
    public static ConfigScope scope(int node) {
        return new ConfigScope(ConfigScope.Kind.NODE_STATE, PREFIX + node);
    }

    public static Set<String> keys(MetaImage image, int node) {
        return image.configs(scope(node)).keySet();
    }

    public static boolean has(MetaImage image, int node, TopicId topic, int index) {
        Set<String> keys = keys(image, node);
        return !keys.isEmpty() && keys.contains(OfflineReplicas.key(new Partition(topic, index)));
    }
}
