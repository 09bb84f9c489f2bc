package io.robustmq.journal;

import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Images for tests: topics with all partitions on node 1. */
final class Images {
    static final int NODE = 1;

    private Images() {}

    static TopicImage topic(TopicId id, String name, int partitions, Map<String, String> configs) {
        return topic(id, name, partitions, NODE, 0, configs);
    }

    static TopicImage topic(
            TopicId id, String name, int partitions, int leader, int epoch, Map<String, String> configs) {
        List<PartitionImage> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new PartitionImage(i, leader, epoch, 0, List.of(NODE), List.of(NODE)));
        }
        return new TopicImage(id, name, all, configs);
    }

    static MetaImage of(TopicImage... topics) {
        return of(1, topics);
    }

    static MetaImage of(long index, TopicImage... topics) {
        Map<String, TopicImage> byName = new HashMap<>();
        Map<TopicId, TopicImage> byId = new HashMap<>();
        for (TopicImage topic : topics) {
            byName.put(topic.name(), topic);
            byId.put(topic.id(), topic);
        }
        return new MetaImage(index, "cluster", NODE, byName, byId, Map.of(), Map.of(), 0);
    }

    static MetaDelta changed(TopicId... ids) {
        return new MetaDelta(Set.of(ids), Set.of(), false);
    }
}
