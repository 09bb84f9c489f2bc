package io.robustmq.mqtt.home;

import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where sessions live: the home of a client is the node that leads the partition of its sessions' topic. Thread-safe. */
public final class Homes {
    /** Of clients whose partition nobody leads now. */
    public static final int NOBODY = PartitionImage.NO_LEADER;

    public static final int NO_PARTITION = -1;

    private final int nodeId;
    private final Supplier<MetaImage> image;
    private final Supplier<CompletableFuture<Integer>> creation;

    /** @param creation makes the topic, if it does not exist */
    public Homes(int nodeId, Supplier<MetaImage> image, Supplier<CompletableFuture<Integer>> creation) {
        this.nodeId = nodeId;
        this.image = image;
        this.creation = creation;
    }

    /** Completes in any thread when homes are known, or fails. */
    public CompletableFuture<Integer> create() {
        return creation.get();
    }

    public boolean isKnown() {
        return topic() != null;
    }

    /** {@link #NO_PARTITION} while the topic does not exist. */
    public int partitionOf(String clientId) {
        TopicImage topic = topic();
        return topic == null
                ? NO_PARTITION
                : CoordinatorService.partitionFor(clientId, topic.partitions().size());
    }

    /** The home of the client; of one that wants its id assigned, any that is one, this node if it is. */
    public int of(String clientId) {
        TopicImage topic = topic();
        if (topic == null) {
            return NOBODY;
        }
        List<PartitionImage> partitions = topic.partitions();
        if (!clientId.isEmpty()) {
            return partitions.get(partitionOf(clientId)).leader();
        }
        int other = NOBODY;
        for (PartitionImage partition : partitions) {
            if (partition.leader() == nodeId) {
                return nodeId;
            }
            other = Math.max(other, partition.leader());
        }
        return other;
    }

    /** Whether the client has another home than {@code node} by now, or, where its id is not known, that is taken for dead. */
    public boolean hasLeft(String clientId, int node) {
        if (clientId.isEmpty()) {
            NodeImage known = image.get().nodes().get(node);
            return known == null || known.fenced();
        }
        int home = of(clientId);
        return home != NOBODY && home != node;
    }

    public int nodeId() {
        return nodeId;
    }

    /** Of sessions, with those who lead them; none while the topic does not exist. */
    public List<PartitionImage> partitions() {
        TopicImage topic = topic();
        return topic == null ? List.of() : topic.partitions();
    }

    public boolean isHere(String clientId) {
        return of(clientId) == nodeId;
    }

    /** An id for a client of this node, whose home is here if any is. */
    public String assign(String prefix) {
        String id = prefix + UUID.randomUUID();
        while (isHere("") && !isHere(id)) {
            id = prefix + UUID.randomUUID();
        }
        return id;
    }

    private @Nullable TopicImage topic() {
        return image.get().topic(TopicName.MQTT_SESSIONS);
    }
}
