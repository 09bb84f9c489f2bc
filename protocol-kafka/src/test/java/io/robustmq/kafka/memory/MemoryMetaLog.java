package io.robustmq.kafka.memory;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.core.security.SecurityImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Metadata of one node, decided on the spot; replies come in another thread, as the real one's do. */
public final class MemoryMetaLog implements MetaLog {
    private static final int ID_BLOCK = 3;

    private final int nodeId;
    private final List<MetaListener> listeners = new CopyOnWriteArrayList<>();
    private volatile MetaImage image;

    public MemoryMetaLog(int nodeId) {
        this.nodeId = nodeId;
        NodeImage node = new NodeImage(nodeId, 1, false, "", Map.of("kafka", ":0"));
        this.image =
                new MetaImage(1, "memory-cluster", nodeId, Map.of(), Map.of(), Map.of(nodeId, node), Map.of(), 1000);
    }

    @Override
    public MetaImage image() {
        return image;
    }

    @Override
    public CompletableFuture<MetaReply> submit(MetaCommand command) {
        return CompletableFuture.supplyAsync(() -> decide(command));
    }

    @Override
    public Cancellable subscribe(MetaListener listener) {
        listeners.add(listener);
        listener.onImage(MetaDelta.NOTHING, image);
        return () -> listeners.remove(listener);
    }

    /** Moves a partition's leadership to a node that is not this one, or back. */
    public synchronized void moveLeader(String topic, int index, int leader) {
        TopicImage old = image.topicsByName().get(topic);
        List<PartitionImage> partitions = new ArrayList<>(old.partitions());
        PartitionImage partition = partitions.get(index);
        partitions.set(
                index,
                new PartitionImage(
                        index,
                        leader,
                        partition.leaderEpoch() + 1,
                        partition.partitionEpoch() + 1,
                        partition.replicas(),
                        partition.isr()));
        put(new TopicImage(old.id(), topic, partitions, old.configs()));
    }

    private synchronized MetaReply decide(MetaCommand command) {
        if (command instanceof MetaCommand.CreateTopic create) {
            return create(create);
        }
        if (command instanceof MetaCommand.DeleteTopic delete) {
            return delete(delete);
        }
        if (command instanceof MetaCommand.CreatePartitions grow) {
            return grow(grow);
        }
        if (command instanceof MetaCommand.AlterConfigs alter) {
            return alter(alter);
        }
        if (command instanceof MetaCommand.AllocateProducerIds) {
            long first = image.nextProducerId();
            replace(image.topicsByName(), image.configs(), first + ID_BLOCK);
            return new MetaReply.ProducerIds(first, ID_BLOCK);
        }
        if (command instanceof MetaCommand.AlterUser alter) {
            return alter(alter);
        }
        if (command instanceof MetaCommand.AlterAcls alter) {
            Set<AclBinding> acls = new HashSet<>(image.security().acls());
            acls.removeAll(alter.removed());
            acls.addAll(alter.added());
            replace(new SecurityImage(image.security().users(), acls));
            return new MetaReply.Done();
        }
        throw new AssertionError(command);
    }

    private MetaReply create(MetaCommand.CreateTopic create) {
        if (image.topic(create.name()) != null) {
            return new MetaReply.Refused(BrokerError.TOPIC_ALREADY_EXISTS, "it exists");
        }
        if (create.limit() >= 0 && image.topics().size() >= create.limit()) {
            return new MetaReply.Refused(BrokerError.TOPIC_LIMIT_REACHED, "too many topics");
        }
        if (create.replicationFactor() > 1) {
            return new MetaReply.Refused(BrokerError.INVALID_REPLICATION_FACTOR, "there is one node");
        }
        int count = create.assignment().isEmpty()
                ? Math.max(1, create.partitions())
                : create.assignment().size();
        TopicId id = TopicId.of(UUID.randomUUID());
        if (!create.validateOnly()) {
            put(new TopicImage(id, create.name(), partitions(0, count), create.configs()));
        }
        return new MetaReply.TopicCreated(id, count, 1);
    }

    private List<PartitionImage> partitions(int first, int end) {
        List<PartitionImage> partitions = new ArrayList<>();
        for (int i = first; i < end; i++) {
            partitions.add(new PartitionImage(i, nodeId, 0, 0, List.of(nodeId), List.of(nodeId)));
        }
        return partitions;
    }

    private MetaReply delete(MetaCommand.DeleteTopic delete) {
        Map<String, TopicImage> topics = new TreeMap<>(image.topicsByName());
        if (topics.remove(delete.name()) == null) {
            return new MetaReply.Refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, "no such topic");
        }
        replace(topics, image.configs(), image.nextProducerId());
        return new MetaReply.Done();
    }

    private MetaReply grow(MetaCommand.CreatePartitions grow) {
        TopicImage old = image.topic(grow.topic());
        if (old == null || grow.totalPartitions() <= old.partitions().size()) {
            return new MetaReply.Refused(BrokerError.INVALID_PARTITIONS, "not more than before");
        }
        if (!grow.validateOnly()) {
            List<PartitionImage> all = new ArrayList<>(old.partitions());
            all.addAll(partitions(all.size(), grow.totalPartitions()));
            put(new TopicImage(old.id(), old.name(), all, old.configs()));
        }
        return new MetaReply.Done();
    }

    private MetaReply alter(MetaCommand.AlterConfigs alter) {
        if (alter.validateOnly()) {
            return new MetaReply.Done();
        }
        if (alter.scope().kind() == ConfigScope.Kind.TOPIC) {
            TopicImage old = image.topicsByName().get(alter.scope().name());
            put(new TopicImage(old.id(), old.name(), old.partitions(), changed(old.configs(), alter.changes())));
        } else {
            Map<ConfigScope, Map<String, String>> configs = new HashMap<>(image.configs());
            configs.put(alter.scope(), changed(image.configs(alter.scope()), alter.changes()));
            replace(image.topicsByName(), configs, image.nextProducerId());
        }
        return new MetaReply.Done();
    }

    private MetaReply alter(MetaCommand.AlterUser alter) {
        SecurityImage security = image.security();
        Map<ScramMechanism, ScramCredential> credentials = new HashMap<>(security.credentials(alter.name()));
        if (!credentials.keySet().containsAll(alter.removed())) {
            return new MetaReply.Refused(BrokerError.USER_NOT_FOUND, "no such credential");
        }
        credentials.keySet().removeAll(alter.removed());
        credentials.putAll(alter.credentials());
        Map<String, Map<ScramMechanism, ScramCredential>> users = new HashMap<>(security.users());
        users.put(alter.name(), credentials);
        users.values().removeIf(Map::isEmpty);
        replace(new SecurityImage(users, security.acls()));
        return new MetaReply.Done();
    }

    private void replace(SecurityImage security) {
        publish(new MetaImage(
                image.index() + 1,
                image.clusterId(),
                nodeId,
                image.topicsByName(),
                image.topicsById(),
                image.nodes(),
                image.configs(),
                image.nextProducerId(),
                security));
    }

    private static Map<String, String> changed(Map<String, String> old, List<MetaCommand.ConfigChange> changes) {
        Map<String, String> configs = new HashMap<>(old);
        for (MetaCommand.ConfigChange change : changes) {
            if (change.value() == null) {
                configs.remove(change.key());
            } else {
                configs.put(change.key(), change.value());
            }
        }
        return configs;
    }

    private void put(TopicImage topic) {
        Map<String, TopicImage> topics = new TreeMap<>(image.topicsByName());
        topics.put(topic.name(), topic);
        replace(topics, image.configs(), image.nextProducerId());
    }

    private void replace(
            Map<String, TopicImage> topics, Map<ConfigScope, Map<String, String>> configs, long nextProducerId) {
        Map<TopicId, TopicImage> byId = new HashMap<>();
        topics.values().forEach(topic -> byId.put(topic.id(), topic));
        publish(new MetaImage(
                image.index() + 1,
                image.clusterId(),
                nodeId,
                topics,
                byId,
                image.nodes(),
                configs,
                nextProducerId,
                image.security()));
    }

    private void publish(MetaImage next) {
        image = next;
        listeners.forEach(listener -> listener.onImage(MetaDelta.NOTHING, next));
    }
}
