package io.robustmq.core.meta;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.SecurityImage;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the meta service decided, as of one log index. Immutable; any thread reads it without a lock. The maps are
 * taken over, not copied: whoever builds an image must not touch them afterwards.
 *
 * @param index Raft log index of the last applied entry
 * @param clusterId empty until the cluster has formed
 * @param leaderNode the meta leader as this node knows it, -1 if unknown
 * @param configs dynamic configuration of nodes and groups; a topic's is in its TopicImage
 */
public record MetaImage(
        long index,
        String clusterId,
        int leaderNode,
        Map<String, TopicImage> topicsByName,
        Map<TopicId, TopicImage> topicsById,
        Map<Integer, NodeImage> nodes,
        Map<ConfigScope, Map<String, String>> configs,
        long nextProducerId,
        SecurityImage security) {
    public static final MetaImage EMPTY = new MetaImage(0, "", -1, Map.of(), Map.of(), Map.of(), Map.of(), 0);

    public MetaImage {
        topicsByName = Collections.unmodifiableMap(topicsByName);
        topicsById = Collections.unmodifiableMap(topicsById);
        nodes = Collections.unmodifiableMap(nodes);
        configs = Collections.unmodifiableMap(configs);
    }

    public MetaImage(
            long index,
            String clusterId,
            int leaderNode,
            Map<String, TopicImage> topicsByName,
            Map<TopicId, TopicImage> topicsById,
            Map<Integer, NodeImage> nodes,
            Map<ConfigScope, Map<String, String>> configs,
            long nextProducerId) {
        this(
                index,
                clusterId,
                leaderNode,
                topicsByName,
                topicsById,
                nodes,
                configs,
                nextProducerId,
                SecurityImage.EMPTY);
    }

    /** The same state as seen by a node that knows another leader. */
    public MetaImage withLeader(int node) {
        return new MetaImage(
                index, clusterId, node, topicsByName, topicsById, nodes, configs, nextProducerId, security);
    }

    public @Nullable TopicImage topic(String name) {
        return topicsByName.get(name);
    }

    public @Nullable TopicImage topic(TopicId id) {
        return topicsById.get(id);
    }

    public @Nullable PartitionImage partition(Partition partition) {
        TopicImage topic = topicsById.get(partition.topicId());
        return topic == null || partition.index() >= topic.partitions().size()
                ? null
                : topic.partitions().get(partition.index());
    }

    /** The node that leads a partition; NO_LEADER too when there is no such partition. */
    public int leaderOf(String topicName, int index) {
        TopicImage topic = topicsByName.get(topicName);
        return topic == null || index < 0 || index >= topic.partitions().size()
                ? PartitionImage.NO_LEADER
                : topic.partitions().get(index).leader();
    }

    public Collection<TopicImage> topics() {
        return topicsByName.values();
    }

    public Map<String, String> configs(ConfigScope scope) {
        return configs.getOrDefault(scope, Map.of());
    }
}
