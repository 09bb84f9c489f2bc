package io.robustmq.meta;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.model.TopicId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the current image hangs. Written by the meta thread, read by any. One lock orders publishing and subscribing, so
 * that a listener misses no change and sees none twice.
 */
final class ImageBoard {
    private static final Logger log = LoggerFactory.getLogger(ImageBoard.class);

    private final MetaMetrics metrics;
    private final CopyOnWriteArrayList<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private volatile MetaImage image = MetaImage.EMPTY;

    ImageBoard(MetaMetrics metrics) {
        this.metrics = metrics;
    }

    MetaImage image() {
        return image;
    }

    synchronized void publish(MetaDelta delta, MetaImage next) {
        image = next;
        for (Subscription subscription : subscriptions) {
            tell(subscription, delta, next);
        }
    }

    synchronized Cancellable subscribe(MetaListener listener) {
        Subscription subscription = new Subscription(listener);
        tell(subscription, everything(MetaImage.EMPTY, image), image);
        subscriptions.add(subscription);
        return () -> subscriptions.remove(subscription);
    }

    private void tell(Subscription subscription, MetaDelta delta, MetaImage current) {
        try {
            subscription.listener.onImage(delta, current);
        } catch (RuntimeException | AssertionError e) {
            metrics.listenerFailures.increment();
            log.error("listener={} failed at index={}; the others go on", subscription.listener, current.index(), e);
        }
    }

    /** The delta between two images of which nothing is known. */
    static MetaDelta everything(MetaImage before, MetaImage after) {
        Set<TopicId> topics = new HashSet<>(before.topicsById().keySet());
        topics.addAll(after.topicsById().keySet());
        Set<Integer> nodes = new HashSet<>(before.nodes().keySet());
        nodes.addAll(after.nodes().keySet());
        return new MetaDelta(
                topics,
                nodes,
                hasNodeConfigs(before) || hasNodeConfigs(after),
                !before.security().equals(after.security()));
    }

    private static boolean hasNodeConfigs(MetaImage image) {
        return image.configs().keySet().stream()
                .anyMatch(
                        scope -> scope.kind() == ConfigScope.Kind.NODE || scope.kind() == ConfigScope.Kind.NODE_STATE);
    }

    /** An identity of its own: the same listener may subscribe twice. */
    private static final class Subscription {
        private final MetaListener listener;

        private Subscription(MetaListener listener) {
            this.listener = listener;
        }
    }
}
