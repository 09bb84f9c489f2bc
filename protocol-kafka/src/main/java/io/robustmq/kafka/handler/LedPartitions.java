package io.robustmq.kafka.handler;

import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.security.Operation;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Finds the partition a request names, if the client may and this node leads it. Immutable. */
final class LedPartitions {
    private final Journal journal;
    private final MetaLog metaLog;
    private final Access access;

    LedPartitions(KafkaContext context) {
        this.journal = context.journal();
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    /** {@code leaderEpoch} as the client knows it, -1 if it does not say. */
    Found find(Principal principal, Operation operation, String topic, int index, int leaderEpoch) {
        if (!access.topic(principal, operation, topic)) {
            return new Found(Errors.TOPIC_AUTHORIZATION_FAILED, null, null);
        }
        TopicImage image = metaLog.image().topic(topic);
        if (image == null || index < 0 || index >= image.partitions().size()) {
            return new Found(Errors.UNKNOWN_TOPIC_OR_PARTITION, null, null);
        }
        Partition partition = image.partition(index);
        PartitionState state = journal.state(partition);
        if (state == null || !state.leader()) {
            return new Found(Errors.NOT_LEADER_OR_FOLLOWER, null, null);
        }
        return new Found(checkEpoch(leaderEpoch, state), partition, state);
    }

    static Errors checkEpoch(int leaderEpoch, PartitionState state) {
        if (leaderEpoch < 0 || leaderEpoch == state.leaderEpoch()) {
            return Errors.NONE;
        }
        return leaderEpoch < state.leaderEpoch() ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }

    /** Partition and state are there when the error is NONE. */
    record Found(
            Errors error,
            @Nullable Partition partition,
            @Nullable PartitionState state) {}
}
