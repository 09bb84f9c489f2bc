package io.robustmq.kafka.pass;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.MetaLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The metadata as clients are told it: a partition that is led where no client can connect is led by a broker that serves it
 * from afar, the same one whomever they ask. Thread-safe.
 */
public final class ClientsView implements MetaLog {
    private final MetaLog meta;
    private volatile Shown newest = new Shown(MetaImage.EMPTY, MetaImage.EMPTY);

    /** An image, and what clients are told of it. */
    private record Shown(MetaImage image, MetaImage told) {}

    public ClientsView(MetaLog meta) {
        this.meta = meta;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // whether two images are equal would take long to find out
    public MetaImage image() {
        MetaImage image = meta.image();
        Shown shown = newest;
        if (shown.image != image) {
            // Two threads may both make it; either is right.
            shown = new Shown(image, shown(image));
            newest = shown;
        }
        return shown.told;
    }

    @Override
    public CompletableFuture<MetaReply> submit(MetaCommand command) {
        return meta.submit(command);
    }

    @Override
    public Cancellable subscribe(MetaListener listener) {
        return meta.subscribe(listener);
    }

    static MetaImage shown(MetaImage image) {
        boolean allServe = image.nodes().values().stream().allMatch(node -> node.has(NodeRole.BROKER));
        if (allServe) {
            return image;
        }
        List<Integer> brokers = brokers(image);
        Map<String, TopicImage> byName = new HashMap<>();
        Map<TopicId, TopicImage> byId = new HashMap<>();
        for (TopicImage topic : image.topics()) {
            TopicImage told = shown(topic, image, brokers);
            byName.put(told.name(), told);
            byId.put(told.id(), told);
        }
        return new MetaImage(
                image.index(),
                image.clusterId(),
                image.leaderNode(),
                byName,
                byId,
                image.nodes(),
                image.configs(),
                image.nextProducerId(),
                image.security());
    }

    /** Those that serve what others lead: which an operator keeps out of use only where there are no others. */
    private static List<Integer> brokers(MetaImage image) {
        List<Integer> alive = image.nodes().values().stream()
                .filter(node -> !node.fenced() && node.has(NodeRole.BROKER) && !node.has(NodeRole.JOURNAL))
                .map(NodeImage::id)
                .sorted()
                .toList();
        List<Integer> active = alive.stream()
                .filter(node -> NodeState.of(image, node) == NodeState.ACTIVE)
                .toList();
        return active.isEmpty() ? alive : active;
    }

    private static TopicImage shown(TopicImage topic, MetaImage image, List<Integer> brokers) {
        List<PartitionImage> partitions = new ArrayList<>(topic.partitions().size());
        for (PartitionImage partition : topic.partitions()) {
            NodeImage leader = image.nodes().get(partition.leader());
            boolean isServed = leader == null || leader.has(NodeRole.BROKER);
            partitions.add(isServed ? partition : ledBy(broker(topic.id(), partition.index(), brokers), partition));
        }
        return new TopicImage(topic.id(), topic.name(), partitions, topic.configs());
    }

    private static PartitionImage ledBy(int node, PartitionImage partition) {
        return new PartitionImage(
                partition.index(),
                node,
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                partition.replicas(),
                partition.isr(),
                partition.adding(),
                partition.removing(),
                partition.elr(),
                partition.lastLeader());
    }

    /** Rendezvous hashing: when a broker goes, only what it served moves. */
    static int broker(TopicId topic, int partition, List<Integer> brokers) {
        int best = PartitionImage.NO_LEADER;
        long highest = Long.MIN_VALUE;
        for (int broker : brokers) {
            long weight = mix(topic.high() ^ topic.low() ^ mix(((long) partition << 32) | broker));
            if (weight > highest) {
                highest = weight;
                best = broker;
            }
        }
        return best;
    }

    /** SplitMix64's finish. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
