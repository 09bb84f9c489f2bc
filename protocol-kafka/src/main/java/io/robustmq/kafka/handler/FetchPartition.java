package io.robustmq.kafka.handler;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.jspecify.annotations.Nullable;

/** What one client wants of one partition, and what it was told last. Owned by the connection's loop. */
final class FetchPartition {
    final Key key;
    final TopicId topicId;
    long fetchOffset;
    int bytesMax;
    int currentLeaderEpoch;
    int lastFetchedEpoch;

    /** As last sent in this session; -2 before the first time. */
    long sentHighWatermark = -2;

    long sentLogStartOffset = -2;

    private @Nullable Partition partition;

    FetchPartition(Key key, FetchRequestData.FetchPartition asked) {
        this.key = key;
        this.topicId = Ids.topicId(key.topicId());
        update(asked);
    }

    private FetchPartition(FetchPartition other) {
        this.key = other.key;
        this.topicId = other.topicId;
        this.fetchOffset = other.fetchOffset;
        this.bytesMax = other.bytesMax;
        this.currentLeaderEpoch = other.currentLeaderEpoch;
        this.lastFetchedEpoch = other.lastFetchedEpoch;
        this.sentHighWatermark = other.sentHighWatermark;
        this.sentLogStartOffset = other.sentLogStartOffset;
        this.partition = other.partition;
    }

    FetchPartition copy() {
        return new FetchPartition(this);
    }

    void update(FetchRequestData.FetchPartition asked) {
        fetchOffset = asked.fetchOffset();
        bytesMax = asked.partitionMaxBytes();
        currentLeaderEpoch = asked.currentLeaderEpoch();
        lastFetchedEpoch = asked.lastFetchedEpoch();
    }

    /** The partition in the journal; the same object as long as the topic is the same. */
    Partition partitionOf(TopicId topic) {
        Partition known = partition;
        if (known == null || !known.topicId().equals(topic)) {
            known = new Partition(topic, key.index());
            partition = known;
        }
        return known;
    }

    /**
     * How the client names the partition: by topic id from version 13 on (name empty), by name before (id zero).
     */
    record Key(Uuid topicId, String topic, int index) {}
}
