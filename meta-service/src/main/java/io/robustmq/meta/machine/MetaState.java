package io.robustmq.meta.machine;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.SecurityImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.AclAdded;
import io.robustmq.meta.fact.MetaFact.AclRemoved;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.NodeRemoved;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;
import io.robustmq.meta.fact.MetaFact.TopicCreated;
import io.robustmq.meta.fact.MetaFact.TopicDeleted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An image that facts are being applied to. Owned by one thread for a short life: made from an image, given facts, turned
 * into the next image or dropped. Copies a map of the image the first time it changes it, so that any number of facts
 * costs one copy.
 */
public final class MetaState {
    private final MetaImage origin;
    private String clusterId;
    private long nextProducerId;
    private Map<String, TopicImage> topicsByName;
    private Map<TopicId, TopicImage> topicsById;
    private Map<Integer, NodeImage> nodes;
    private Map<ConfigScope, Map<String, String>> configs;

    private final Map<TopicId, TopicDraft> drafts = new HashMap<>();
    private final Set<TopicId> changedTopics = new HashSet<>();
    private final Set<Integer> changedNodes = new HashSet<>();
    private boolean nodeConfigsChanged;
    private SecurityImage security;
    private @Nullable SecurityDraft securityDraft;

    public MetaState(MetaImage origin) {
        this.origin = origin;
        this.clusterId = origin.clusterId();
        this.nextProducerId = origin.nextProducerId();
        this.topicsByName = origin.topicsByName();
        this.topicsById = origin.topicsById();
        this.nodes = origin.nodes();
        this.configs = origin.configs();
        this.security = origin.security();
    }

    public void apply(MetaFact fact) {
        if (fact instanceof ClusterFormed f) {
            clusterId = f.clusterId();
        } else if (fact instanceof NodeRegistered f) {
            apply(f);
        } else if (fact instanceof NodeFenced f) {
            apply(f);
        } else if (fact instanceof NodeRemoved f) {
            apply(f);
        } else if (fact instanceof TopicCreated f) {
            put(new TopicImage(f.id(), f.name(), List.of(), Map.of()));
        } else if (fact instanceof PartitionPlaced f) {
            draft(f.topicId()).put(f.partition());
        } else if (fact instanceof TopicDeleted f) {
            remove(f);
        } else if (fact instanceof ConfigChanged f) {
            apply(f);
        } else if (fact instanceof ProducerIdsAllocated f) {
            nextProducerId = f.first() + f.count();
        } else {
            applySecurity(fact);
        }
    }

    /** The state may not be used after this. */
    public MetaImage toImage(long index, int leaderNode) {
        settle();
        return new MetaImage(
                index, clusterId, leaderNode, topicsByName, topicsById, nodes, configs, nextProducerId, security);
    }

    /** What changed since the image this was made from. */
    public MetaDelta delta() {
        boolean securityChanged = !security().equals(origin.security());
        return new MetaDelta(changedTopics, changedNodes, nodeConfigsChanged, securityChanged);
    }

    String clusterId() {
        return clusterId;
    }

    long nextProducerId() {
        return nextProducerId;
    }

    @Nullable
    TopicImage topic(String name) {
        settle();
        return topicsByName.get(name);
    }

    @Nullable
    TopicImage topic(TopicId id) {
        settle();
        return topicsById.get(id);
    }

    /** In no certain order. */
    Collection<TopicImage> topics() {
        settle();
        return topicsById.values();
    }

    Set<String> topicNames() {
        return topicsByName.keySet();
    }

    @Nullable
    NodeImage node(int id) {
        return nodes.get(id);
    }

    Collection<NodeImage> nodes() {
        return nodes.values();
    }

    Map<String, String> configs(ConfigScope scope) {
        return configs.getOrDefault(scope, Map.of());
    }

    int configScopes() {
        return configs.size();
    }

    SecurityImage security() {
        settle();
        return security;
    }

    private void applySecurity(MetaFact fact) {
        SecurityDraft draft = securityDraft == null ? new SecurityDraft(security) : securityDraft;
        if (fact instanceof CredentialChanged f) {
            draft.apply(f);
        } else if (fact instanceof AclAdded f) {
            draft.add(f.binding());
        } else if (fact instanceof AclRemoved f) {
            draft.remove(f.binding());
        } else {
            throw new AssertionError(fact);
        }
        securityDraft = draft;
    }

    private void apply(NodeRegistered fact) {
        if (nodes == origin.nodes()) {
            nodes = new HashMap<>(nodes);
        }
        nodes.put(
                fact.nodeId(),
                new NodeImage(fact.nodeId(), fact.incarnationEpoch(), false, fact.rack(), fact.endpoints()));
        changedNodes.add(fact.nodeId());
    }

    private void apply(NodeFenced fact) {
        NodeImage node = nodes.get(fact.nodeId());
        if (node == null || node.incarnationEpoch() != fact.incarnationEpoch()) {
            throw new AssertionError("fact about an incarnation that is not the node's: " + fact);
        }
        if (nodes == origin.nodes()) {
            nodes = new HashMap<>(nodes);
        }
        nodes.put(node.id(), new NodeImage(node.id(), node.incarnationEpoch(), true, node.rack(), node.endpoints()));
        changedNodes.add(node.id());
    }

    private void apply(NodeRemoved fact) {
        if (nodes == origin.nodes()) {
            nodes = new HashMap<>(nodes);
        }
        if (configs == origin.configs()) {
            configs = new HashMap<>(configs);
        }
        nodes.remove(fact.nodeId());
        configs.remove(ConfigScope.nodeState(fact.nodeId()));
        configs.remove(OfflineReplicas.scope(fact.nodeId()));
        configs.remove(FullReplicas.scope(fact.nodeId()));
        changedNodes.add(fact.nodeId());
    }

    private void apply(ConfigChanged fact) {
        ConfigScope scope = fact.scope();
        if (scope.kind() == ConfigScope.Kind.TOPIC) {
            TopicImage topic = topicsByName.get(scope.name());
            if (topic == null) {
                throw new AssertionError("configuration of a topic that does not exist: " + scope.name());
            }
            set(draft(topic.id()).configs, fact);
            return;
        }
        if (configs == origin.configs()) {
            configs = new HashMap<>(configs);
        }
        Map<String, String> values = new HashMap<>(configs(scope));
        set(values, fact);
        if (values.isEmpty()) {
            configs.remove(scope);
        } else {
            configs.put(scope, Map.copyOf(values));
        }
        nodeConfigsChanged |= scope.kind() == ConfigScope.Kind.NODE || scope.kind() == ConfigScope.Kind.NODE_STATE;
    }

    private static void set(Map<String, String> values, ConfigChanged fact) {
        String value = fact.value();
        if (value == null) {
            values.remove(fact.key());
        } else {
            values.put(fact.key(), value);
        }
    }

    private void remove(TopicDeleted fact) {
        ownTopics();
        drafts.remove(fact.id());
        topicsByName.remove(fact.name());
        topicsById.remove(fact.id());
        changedTopics.add(fact.id());
    }

    private void put(TopicImage topic) {
        ownTopics();
        topicsByName.put(topic.name(), topic);
        topicsById.put(topic.id(), topic);
        changedTopics.add(topic.id());
    }

    private void ownTopics() {
        if (topicsByName == origin.topicsByName()) {
            topicsByName = new HashMap<>(topicsByName);
            topicsById = new HashMap<>(topicsById);
        }
    }

    private TopicDraft draft(TopicId id) {
        TopicDraft draft = drafts.get(id);
        if (draft == null) {
            TopicImage topic = topicsById.get(id);
            if (topic == null) {
                throw new AssertionError("fact about a topic that does not exist: " + id);
            }
            draft = new TopicDraft(topic);
            drafts.put(id, draft);
        }
        return draft;
    }

    private void settle() {
        if (!drafts.isEmpty()) {
            drafts.values().forEach(draft -> put(draft.toImage()));
            drafts.clear();
        }
        if (securityDraft != null) {
            security = securityDraft.toImage();
            securityDraft = null;
        }
    }

    /** A topic whose partitions and configuration change one fact at a time. */
    private static final class TopicDraft {
        private final TopicImage topic;
        private final List<PartitionImage> partitions;
        private final Map<String, String> configs;

        private TopicDraft(TopicImage topic) {
            this.topic = topic;
            this.partitions = new ArrayList<>(topic.partitions());
            this.configs = new HashMap<>(topic.configs());
        }

        private void put(PartitionImage partition) {
            if (partition.index() < partitions.size()) {
                partitions.set(partition.index(), partition);
            } else if (partition.index() == partitions.size()) {
                partitions.add(partition);
            } else {
                throw new AssertionError(
                        "partition " + partition.index() + " of " + topic.name() + " comes after " + partitions.size());
            }
        }

        private TopicImage toImage() {
            return new TopicImage(topic.id(), topic.name(), partitions, configs);
        }
    }
}
