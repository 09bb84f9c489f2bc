package io.robustmq.server.cluster;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.machine.MetaState;
import io.robustmq.meta.machine.TopicDefaults;
import io.robustmq.server.replication.SimReplica;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The service of the metadata, which never fails itself: the product's decisions, told to the nodes late, or not at all. */
final class SimMeta {
    static final long SESSION_MS = 400;
    static final int REPLICAS = 3;
    private static final TopicDefaults DEFAULTS = new TopicDefaults(1, REPLICAS, 10, REPLICAS);

    private final World world;
    private final Consumer<MetaImage> publish;
    private final Map<Integer, Long> deadlines = new HashMap<>();
    /** Whose replicas in sync are what their leader asked for: if it is alone, it has on its disk what it acknowledged before. */
    private final Set<Partition> aloneAsAsked = new HashSet<>();

    MetaImage image = MetaImage.EMPTY;
    private long topics;

    SimMeta(World world, Consumer<MetaImage> publish) {
        this.world = world;
        this.publish = publish;
        world.later(1, this::tick);
    }

    TopicImage create(String name, int partitions, int minInSync) {
        Map<String, String> configs = Map.of(SimReplica.MIN_IN_SYNC, String.valueOf(minInSync));
        decide(new CreateTopic(name, partitions, REPLICAS, List.of(), configs, -1, false));
        TopicImage made = image.topic(name);
        if (made == null) {
            throw new AssertionError("no topic " + name);
        }
        return made;
    }

    MetaReply decide(MetaCommand command) {
        Decision<MetaFact, MetaReply> decision =
                new MetaMachine(image, DEFAULTS, 10).decide(command, new TopicId(1, ++topics));
        if (!decision.facts().isEmpty()) {
            MetaState state = new MetaState(image);
            decision.facts().forEach(state::apply);
            MetaImage before = image;
            image = state.toImage(image.index() + 1, 1);
            remember(before, command);
            world.note(() -> command + " in image " + image.index());
            publish.accept(image);
        }
        return decision.effects().get(0);
    }

    private void remember(MetaImage before, MetaCommand command) {
        for (TopicImage topic : image.topics()) {
            for (PartitionImage now : topic.partitions()) {
                Partition id = topic.partition(now.index());
                PartitionImage then = before.partition(id);
                if (then != null && !then.isr().equals(now.isr())) {
                    if (command instanceof AlterInSync) {
                        aloneAsAsked.add(id);
                    } else {
                        aloneAsAsked.remove(id);
                    }
                }
            }
        }
    }

    boolean isAloneAsAsked(Partition partition) {
        return aloneAsAsked.contains(partition);
    }

    PartitionImage partition(Partition id) {
        PartitionImage found = image.partition(id);
        if (found == null) {
            throw new AssertionError("no partition " + id);
        }
        return found;
    }

    /** Whether this life of the node has a session. */
    boolean heard(int node, long incarnation) {
        NodeImage known = image.nodes().get(node);
        boolean lives = known != null && !known.fenced() && known.incarnationEpoch() == incarnation;
        if (lives) {
            deadlines.put(node, world.now + SESSION_MS);
        }
        return lives;
    }

    private void tick() {
        world.later(50, this::tick);
        for (NodeImage node : image.nodes().values()) {
            if (!node.fenced() && deadlines.getOrDefault(node.id(), 0L) < world.now) {
                decide(new FenceNode(node.id(), node.incarnationEpoch()));
            }
        }
    }
}
