package io.robustmq.core.model;

/** One partition of a topic, which is one shard of the journal. */
public record Partition(TopicId topicId, int index) {
    public Partition {
        if (index < 0) {
            throw new IllegalArgumentException("partition index " + index);
        }
    }

    @Override
    public String toString() {
        return topicId + "-" + index;
    }
}
