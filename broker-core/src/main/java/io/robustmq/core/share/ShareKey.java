package io.robustmq.core.share;

import io.robustmq.core.model.Partition;

/** A partition as one share group reads it. */
public record ShareKey(String groupId, Partition partition) {
    /** As Kafka names what a share coordinator keeps. */
    public String text() {
        return groupId + ":" + partition.topicId() + ":" + partition.index();
    }
}
