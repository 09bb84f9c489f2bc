package io.robustmq.core.meta;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.util.Set;

/**
 * Replicas that a node which is alive has and cannot use, as the disk that they are on has failed. A row for each node, whose
 * keys are the partitions.
 */
public final class OfflineReplicas {
    private static final String PREFIX = "offline-";

    private OfflineReplicas() {}

    /** The row of a node. */
    public static ConfigScope scope(int node) {
        return new ConfigScope(ConfigScope.Kind.NODE_STATE, PREFIX + node);
    }

    /** The key of a partition. */
    public static String key(Partition partition) {
        return partition.toString();
    }

    public static Set<String> keys(MetaImage image, int node) {
        return image.configs(scope(node)).keySet();
    }

    public static boolean has(MetaImage image, int node, TopicId topic, int index) {
        Set<String> keys = keys(image, node);
        return !keys.isEmpty() && keys.contains(key(new Partition(topic, index)));
    }
}
