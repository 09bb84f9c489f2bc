package io.robustmq.core.txn;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Knows the newest leader epoch of every coordinator, by the image or by what was heard of it, so that one that another has
 * followed, and that does not know it yet, ends nothing. Thread-safe.
 */
final class CoordinatorFence {
    private final Supplier<MetaImage> image;
    private final Map<Partition, Integer> heard = new ConcurrentHashMap<>();

    CoordinatorFence(Supplier<MetaImage> image) {
        this.image = image;
    }

    /** Whether a newer epoch than {@code epoch} is known of this partition of {@code __transaction_state}. */
    boolean isFenced(int coordinator, int epoch) {
        TopicImage topic = image.get().topic(TopicName.TRANSACTION_STATE);
        if (topic == null
                || coordinator < 0
                || coordinator >= topic.partitions().size()) {
            return false;
        }
        int known = Math.max(epoch, topic.partitions().get(coordinator).leaderEpoch());
        return heard.merge(topic.partition(coordinator), known, Math::max) > epoch;
    }
}
