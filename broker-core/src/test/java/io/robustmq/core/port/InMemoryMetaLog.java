package io.robustmq.core.port;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Metadata of one process without consensus: topics only, every partition led by {@code nodeId}. One thread. */
public final class InMemoryMetaLog implements MetaLog {
    private static final int PRODUCER_ID_BLOCK = 100;

    private final int nodeId;
    private final List<MetaListener> listeners = new ArrayList<>();
    private long nextTopicId = 1;
    private boolean unreachable;
    private long nextProducerId;
    private MetaImage image;

    public InMemoryMetaLog(int nodeId) {
        this.nodeId = nodeId;
        NodeImage node = new NodeImage(nodeId, 1, false, "", Map.of("kafka", "127.0.0.1:9092"));
        this.image = new MetaImage(1, "test", nodeId, Map.of(), Map.of(), Map.of(nodeId, node), Map.of(), 0);
    }

    /** While true, commands fail as they do without a meta leader. */
    public void unreachable(boolean value) {
        unreachable = value;
    }

    @Override
    public MetaImage image() {
        return image;
    }

    @Override
    public CompletableFuture<MetaReply> submit(MetaCommand command) {
        if (unreachable) {
            return CompletableFuture.failedFuture(new BrokerException(BrokerError.NOT_META_LEADER));
        }
        if (command instanceof MetaCommand.CreateTopic create) {
            return CompletableFuture.completedFuture(create(create));
        }
        if (command instanceof MetaCommand.DeleteTopic delete) {
            return CompletableFuture.completedFuture(delete(delete.name()));
        }
        if (command instanceof MetaCommand.AllocateProducerIds) {
            nextProducerId += PRODUCER_ID_BLOCK;
            return CompletableFuture.completedFuture(
                    new MetaReply.ProducerIds(nextProducerId - PRODUCER_ID_BLOCK, PRODUCER_ID_BLOCK));
        }
        if (command instanceof MetaCommand.AlterConfigs alter) {
            return CompletableFuture.completedFuture(alter(alter));
        }
        throw new AssertionError(command);
    }

    /** Of any resource but topics. */
    private MetaReply alter(MetaCommand.AlterConfigs alter) {
        Map<ConfigScope, Map<String, String>> configs = new HashMap<>(image.configs());
        Map<String, String> values = new HashMap<>(image.configs(alter.scope()));
        for (MetaCommand.ConfigChange change : alter.changes()) {
            if (change.value() == null) {
                values.remove(change.key());
            } else {
                values.put(change.key(), change.value());
            }
        }
        configs.put(alter.scope(), values);
        image = new MetaImage(
                image.index() + 1,
                "test",
                nodeId,
                image.topicsByName(),
                image.topicsById(),
                image.nodes(),
                configs,
                image.nextProducerId());
        return new MetaReply.Done();
    }

    @Override
    public Cancellable subscribe(MetaListener listener) {
        listeners.add(listener);
        listener.onImage(
                new MetaDelta(image.topicsById().keySet(), image.nodes().keySet(), true), image);
        return () -> listeners.remove(listener);
    }

    /** Tells the listeners that users or rules changed; which these are, this metadata does not hold. */
    public void securityChanged() {
        MetaDelta delta = new MetaDelta(Set.of(), Set.of(), false, true);
        List.copyOf(listeners).forEach(listener -> listener.onImage(delta, image));
    }

    /** Moves the leadership of a partition, or renews it; returns the new leader epoch. */
    public int lead(String topicName, int index, int leader) {
        TopicImage topic = image.topicsByName().get(topicName);
        List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
        PartitionImage old = partitions.get(index);
        int epoch = old.leaderEpoch() + 1;
        partitions.set(
                index, new PartitionImage(index, leader, epoch, old.partitionEpoch() + 1, old.replicas(), old.isr()));
        put(new TopicImage(topic.id(), topicName, partitions, topic.configs()));
        return epoch;
    }

    /** Adds a partition to a topic. */
    public void extend(String topicName) {
        TopicImage topic = image.topicsByName().get(topicName);
        List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
        partitions.add(new PartitionImage(partitions.size(), nodeId, 0, 0, List.of(nodeId), List.of(nodeId)));
        put(new TopicImage(topic.id(), topicName, partitions, topic.configs()));
    }

    private MetaReply create(MetaCommand.CreateTopic create) {
        if (image.topic(create.name()) != null) {
            return new MetaReply.Refused(BrokerError.TOPIC_ALREADY_EXISTS, create.name());
        }
        int count = Math.max(create.partitions(), 1);
        List<PartitionImage> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            partitions.add(new PartitionImage(i, nodeId, 0, 0, List.of(nodeId), List.of(nodeId)));
        }
        TopicImage topic = new TopicImage(new TopicId(7, nextTopicId++), create.name(), partitions, create.configs());
        put(topic);
        return new MetaReply.TopicCreated(topic.id(), count, 1);
    }

    private MetaReply delete(String name) {
        TopicImage topic = image.topic(name);
        if (topic == null) {
            return new MetaReply.Refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, name);
        }
        Map<String, TopicImage> byName = new HashMap<>(image.topicsByName());
        Map<TopicId, TopicImage> byId = new HashMap<>(image.topicsById());
        byName.remove(name);
        byId.remove(topic.id());
        publish(byName, byId, topic.id());
        return new MetaReply.Done();
    }

    private void put(TopicImage topic) {
        Map<String, TopicImage> byName = new HashMap<>(image.topicsByName());
        Map<TopicId, TopicImage> byId = new HashMap<>(image.topicsById());
        byName.put(topic.name(), topic);
        byId.put(topic.id(), topic);
        publish(byName, byId, topic.id());
    }

    private void publish(Map<String, TopicImage> byName, Map<TopicId, TopicImage> byId, TopicId changed) {
        image = new MetaImage(image.index() + 1, "test", nodeId, byName, byId, image.nodes(), image.configs(), 0);
        MetaDelta delta = new MetaDelta(Set.of(changed), Set.of(), false);
        List.copyOf(listeners).forEach(listener -> listener.onImage(delta, image));
    }
}
