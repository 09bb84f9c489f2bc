package io.robustmq.mqtt.session;

import io.robustmq.core.model.Partition;

/** A partition that messages are delivered from. One instance per partition and node, compared by identity. */
public final class PartitionLog {
    private final Partition partition;
    private final String topic;

    public PartitionLog(Partition partition, String topic) {
        this.partition = partition;
        this.topic = topic;
    }

    public Partition partition() {
        return partition;
    }

    /** Name of the log topic. */
    public String topic() {
        return topic;
    }

    @Override
    public String toString() {
        return topic + "-" + partition.index();
    }
}
