package io.robustmq.core.meta;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import java.util.List;
import java.util.Map;

/** A topic: its partitions in index order, and the configuration set on it (without defaults). */
public record TopicImage(TopicId id, String name, List<PartitionImage> partitions, Map<String, String> configs) {
    public TopicImage {
        partitions = List.copyOf(partitions);
        configs = Map.copyOf(configs);
    }

    public boolean internal() {
        return TopicName.isInternal(name);
    }

    public Partition partition(int index) {
        return new Partition(id, index);
    }
}
