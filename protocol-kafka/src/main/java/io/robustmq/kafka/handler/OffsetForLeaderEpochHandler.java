package io.robustmq.kafka.handler;

import io.robustmq.core.model.Partition;
import io.robustmq.core.port.EpochEnd;
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
        for (OffsetForLeaderTopic topic : body.topics()) {
            OffsetForLeaderTopicResult answered = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            for (OffsetForLeaderPartition asked : topic.partitions()) {
                answered.partitions().add(find(request, topic.topic(), asked));
            }
            response.topics().add(answered);
        }
        request.respond(response);
    }

    private EpochEndOffset find(KafkaRequest request, String topic, OffsetForLeaderPartition asked) {
        EpochEndOffset answer = new EpochEndOffset().setPartition(asked.partition());
        LedPartitions.Found found = partitions.find(
                request.principal(), Operation.DESCRIBE, topic, asked.partition(), asked.currentLeaderEpoch());
        Partition partition = found.partition();
        PartitionState state = found.state();
        if (found.error() != Errors.NONE || partition == null || state == null) {
            return answer.setErrorCode(found.error().code());
        }
        if (asked.leaderEpoch() == state.leaderEpoch()) {
            // A consumer must not see offsets beyond what it may read.
            return answer.setLeaderEpoch(state.leaderEpoch()).setEndOffset(state.highWatermark());
        }
        if (asked.leaderEpoch() > state.leaderEpoch()) {
            return answer;
        }
        EpochEnd end = journal.endOfEpoch(partition, asked.leaderEpoch());
        return answer.setLeaderEpoch(end.leaderEpoch()).setEndOffset(end.endOffset());
    }
}
