package io.robustmq.kafka.handler;

import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Where an epoch ended: how clients find out that the log was cut below what they have read. */
public final class OffsetForLeaderEpochHandler implements ApiHandler {
    private final Journal journal;
    private final LedPartitions partitions;

    public OffsetForLeaderEpochHandler(KafkaContext context) {
        this.journal = context.journal();
        this.partitions = new LedPartitions(context);
    }

    @Override
    public void handle(KafkaRequest request) {
        OffsetForLeaderEpochRequestData body = request.body(OffsetForLeaderEpochRequestData.class);
        OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
        int parts = 1;
        for (OffsetForLeaderTopic topic : body.topics()) {
            parts += topic.partitions().size();
        }
        Pending pending = new Pending(request.loop(), parts, () -> request.respond(response));
        for (OffsetForLeaderTopic topic : body.topics()) {
            OffsetForLeaderTopicResult answered = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            for (OffsetForLeaderPartition asked : topic.partitions()) {
                EpochEndOffset answer = new EpochEndOffset().setPartition(asked.partition());
                answered.partitions().add(answer);
                find(request, topic.topic(), asked, answer, pending);
            }
            response.topics().add(answered);
        }
        pending.done();
    }

    private void find(
            KafkaRequest request,
            String topic,
            OffsetForLeaderPartition asked,
            EpochEndOffset answer,
            Pending pending) {
        LedPartitions.Found found = partitions.find(
                request.principal(), Operation.DESCRIBE, topic, asked.partition(), asked.currentLeaderEpoch());
        Partition partition = found.partition();
        PartitionState state = found.state();
        if (found.error() != Errors.NONE || partition == null || state == null) {
            answer.setErrorCode(found.error().code());
            pending.done();
        } else if (asked.leaderEpoch() == state.leaderEpoch()) {
            journal.leaderState(partition, request.loop(), now -> {
                if (now == null || !now.leader()) {
                    answer.setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code());
                } else if (asked.leaderEpoch() == now.leaderEpoch()) {
                    // A consumer must not see offsets beyond what it may read.
                    answer.setLeaderEpoch(now.leaderEpoch()).setEndOffset(now.highWatermark());
                } else {
                    answer.setErrorCode(Errors.UNKNOWN_LEADER_EPOCH.code());
                }
                pending.done();
            });
        } else if (asked.leaderEpoch() > state.leaderEpoch()) {
            pending.done();
        } else {
            journal.endOfEpoch(partition, asked.leaderEpoch(), request.loop(), end -> {
                answer.setLeaderEpoch(end.leaderEpoch()).setEndOffset(end.endOffset());
                pending.done();
            });
        }
    }
}
