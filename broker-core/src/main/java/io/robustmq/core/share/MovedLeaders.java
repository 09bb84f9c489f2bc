package io.robustmq.core.share;

import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which partitions the node that led them leads no more, from one image to the next, and from which leader epoch on. Owned by the thread that images come in.
 */
final class MovedLeaders {
    private final Map<TopicId, List<Integer>> leaders = new HashMap<>();

    /** A partition that nobody leads any more is one; that somebody leads it again is no news. */
    Map<Partition, Integer> next(MetaDelta delta, MetaImage image) {
        Map<Partition, Integer> moved = new HashMap<>();
        for (TopicId id : delta.topics()) {
            TopicImage topic = image.topic(id);
            List<Integer> before = leaders.getOrDefault(id, List.of());
            if (topic == null) {
                leaders.remove(id);
                continue;
            }
            List<Integer> now =
                    topic.partitions().stream().map(PartitionImage::leader).toList();
            for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
                if (before.get(i) != PartitionImage.NO_LEADER && !before.get(i).equals(now.get(i))) {
                    moved.put(topic.partition(i), topic.partitions().get(i).leaderEpoch());
                }
            }
            leaders.put(id, now);
        }
        return moved;
    }
}
