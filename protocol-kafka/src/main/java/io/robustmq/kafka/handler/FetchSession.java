package io.robustmq.kafka.handler;

import io.robustmq.core.loop.Loop;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;

/**
 * The partitions a client fetches, so that its requests and our answers name only what changed (KIP-227). In the order
 * in which they get their turn: one that gave records goes to the end. Owned by the loop of the connection that used it
 * last; only {@link #owner} and {@link #lastUsedNanos} are read by others.
 */
final class FetchSession {
    private final int id;
    private final Loop owner;
    private final boolean byTopicId;
    private final Map<FetchPartition.Key, FetchPartition> partitions;
    private int expectedEpoch = 1;
    private volatile long lastUsedNanos;

    FetchSession(
            int id, Loop owner, boolean byTopicId, Map<FetchPartition.Key, FetchPartition> partitions, long nowNanos) {
        this.id = id;
        this.owner = owner;
        this.byTopicId = byTopicId;
        this.partitions = partitions;
        this.lastUsedNanos = nowNanos;
    }

    /** The same session in another loop; this one is for what is still under way here. Called in its own loop. */
    FetchSession movedTo(Loop loop) {
        Map<FetchPartition.Key, FetchPartition> copies = new LinkedHashMap<>();
        partitions.forEach((key, partition) -> copies.put(key, partition.copy()));
        FetchSession moved = new FetchSession(id, loop, byTopicId, copies, lastUsedNanos);
        moved.expectedEpoch = expectedEpoch;
        return moved;
    }

    int id() {
        return id;
    }

    Loop owner() {
        return owner;
    }

    boolean byTopicId() {
        return byTopicId;
    }

    int expectedEpoch() {
        return expectedEpoch;
    }

    long lastUsedNanos() {
        return lastUsedNanos;
    }

    Map<FetchPartition.Key, FetchPartition> partitions() {
        return partitions;
    }

    /** The epoch after the largest is 1: 0 means a new session. */
    void advance(long nowNanos) {
        expectedEpoch = expectedEpoch == Integer.MAX_VALUE ? 1 : expectedEpoch + 1;
        lastUsedNanos = nowNanos;
    }

    void update(FetchRequestData request) {
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            for (int index : topic.partitions()) {
                partitions.remove(new FetchPartition.Key(topic.topicId(), topic.topic(), index));
            }
        }
        merge(request, partitions);
    }

    /** This partition gave records: the others come first next time. */
    void rotate(FetchPartition partition) {
        if (partitions.remove(partition.key, partition)) {
            partitions.put(partition.key, partition);
        }
    }

    static Map<FetchPartition.Key, FetchPartition> partitionsOf(FetchRequestData request) {
        Map<FetchPartition.Key, FetchPartition> partitions = new LinkedHashMap<>();
        merge(request, partitions);
        return partitions;
    }

    private static void merge(FetchRequestData request, Map<FetchPartition.Key, FetchPartition> partitions) {
        for (FetchTopic topic : request.topics()) {
            for (FetchRequestData.FetchPartition asked : topic.partitions()) {
                FetchPartition.Key key = new FetchPartition.Key(topic.topicId(), topic.topic(), asked.partition());
                FetchPartition known = partitions.get(key);
                if (known == null) {
                    partitions.put(key, new FetchPartition(key, asked));
                } else {
                    known.update(asked);
                }
            }
        }
    }
}
