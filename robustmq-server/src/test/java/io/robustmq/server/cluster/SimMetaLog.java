package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.MetaLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The metadata as one process of a node knows them: its listeners hear of an image a little later than its replicas. */
final class SimMetaLog implements MetaLog {
    private final World world;
    private final List<MetaListener> listeners = new ArrayList<>();
    private final ArrayDeque<MetaImage> coming = new ArrayDeque<>();
    private MetaImage image;
    private boolean dead;

    SimMetaLog(World world, MetaImage known) {
        this.world = world;
        this.image = known;
    }

    void end() {
        dead = true;
    }

    @Override
    public MetaImage image() {
        return image;
    }

    @Override
    public CompletableFuture<MetaReply> submit(MetaCommand command) {
        // Topics exist; a node that has not heard of them is told so later.
        return CompletableFuture.failedFuture(new BrokerException(BrokerError.NOT_META_LEADER));
    }

    @Override
    public Cancellable subscribe(MetaListener listener) {
        listeners.add(listener);
        listener.onImage(
                new MetaDelta(image.topicsById().keySet(), image.nodes().keySet(), true), image);
        return () -> listeners.remove(listener);
    }

    void show(MetaImage next) {
        coming.add(next);
        world.later(world.random.nextInt(world.chance(4) ? 60 : 3), this::take);
    }

    private void take() {
        if (dead) {
            return;
        }
        MetaImage next = coming.remove();
        MetaDelta delta = delta(image, next);
        image = next;
        List.copyOf(listeners).forEach(listener -> listener.onImage(delta, next));
    }

    private static MetaDelta delta(MetaImage before, MetaImage after) {
        Set<TopicId> topics = new HashSet<>();
        for (TopicImage topic : after.topics()) {
            if (!topic.equals(before.topic(topic.id()))) {
                topics.add(topic.id());
            }
        }
        return new MetaDelta(topics, after.nodes().keySet(), false);
    }
}
