package io.robustmq.core.group;

import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Partitions by the name of their topic, as the classic protocol has them, and by its id. What does not exist is left out. */
final class TopicNames {
    private TopicNames() {}

    static Partitions toIds(Map<String, List<Integer>> byName, MetaImage image) {
        Partitions.Builder builder = Partitions.builder();
        byName.forEach((name, partitions) -> {
            TopicImage topic = image.topic(name);
            if (topic != null) {
                partitions.forEach(partition -> builder.add(topic.id(), partition));
            }
        });
        return builder.build();
    }

    static Map<String, List<Integer>> ofIds(Partitions partitions, MetaImage image) {
        Map<String, List<Integer>> byName = new TreeMap<>();
        partitions.map((id, numbers) -> {
            TopicImage topic = image.topic(id);
            return topic == null ? null : byName.put(topic.name(), numbers);
        });
        return byName;
    }
}
