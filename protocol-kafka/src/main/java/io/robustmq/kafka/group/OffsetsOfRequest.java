package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The partitions whose offsets a request commits, in its order: what is refused at once, and what the group's coordinator
 * is asked. Owned by the connection's loop.
 */
final class OffsetsOfRequest {
    private final GroupCalls calls;
    private final KafkaRequest request;
    /** One for each partition; NONE for those that are among the offsets. */
    private final List<BrokerError> errors = new ArrayList<>();

    private final List<OffsetToCommit> offsets = new ArrayList<>();

    OffsetsOfRequest(GroupCalls calls, KafkaRequest request) {
        this.calls = calls;
        this.request = request;
    }

    /** Why nothing of the topic is committed; NONE if it may be. */
    BrokerError refusal(NamedTopic topic) {
        return topic.error() == BrokerError.NONE && !calls.allowsTopic(request, Operation.READ, topic.name())
                ? BrokerError.TOPIC_AUTHORIZATION_FAILED
                : topic.error();
    }

    /** @param refusal of the topic */
    void add(
            NamedTopic topic,
            BrokerError refusal,
            int partition,
            long offset,
            int leaderEpoch,
            @Nullable String metadata) {
        boolean missing = refusal == BrokerError.NONE && !topic.has(partition);
        BrokerError error = missing ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION : refusal;
        errors.add(error);
        if (error == BrokerError.NONE) {
            String text = metadata == null ? "" : metadata;
            offsets.add(new OffsetToCommit(topic.name(), topic.id(), partition, offset, leaderEpoch, text));
        }
    }

    List<OffsetToCommit> offsets() {
        return offsets;
    }

    /** What to answer for each partition, when this is what the coordinator says of the offsets. */
    List<BrokerError> with(List<BrokerError> outcomes) {
        List<BrokerError> merged = new ArrayList<>(errors);
        int next = 0;
        for (int i = 0; i < merged.size(); i++) {
            if (merged.get(i) == BrokerError.NONE) {
                merged.set(i, outcomes.get(next));
                next++;
            }
        }
        return merged;
    }

    /** The same for all offsets. */
    List<BrokerError> with(BrokerError outcome) {
        return with(Collections.nCopies(offsets.size(), outcome));
    }
}
