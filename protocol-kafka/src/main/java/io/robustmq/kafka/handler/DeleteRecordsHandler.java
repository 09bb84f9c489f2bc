package io.robustmq.kafka.handler;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Moves the beginning of partitions. */
public final class DeleteRecordsHandler implements ApiHandler {
    private static final long UNKNOWN = -1;

    private final Journal journal;
    private final MetaLog metaLog;
    private final LedPartitions partitions;

    public DeleteRecordsHandler(KafkaContext context) {
        this.journal = context.journal();
        this.metaLog = context.metaLog();
        this.partitions = new LedPartitions(context);
    }

    @Override
    public void handle(KafkaRequest request) {
        DeleteRecordsRequestData body = request.body(DeleteRecordsRequestData.class);
        DeleteRecordsResponseData response = new DeleteRecordsResponseData();
        int parts = 1;
        for (DeleteRecordsTopic topic : body.topics()) {
            parts += topic.partitions().size();
        }
        Pending pending = new Pending(request.loop(), parts, () -> request.respond(response));
        for (DeleteRecordsTopic topic : body.topics()) {
            DeleteRecordsTopicResult answered = new DeleteRecordsTopicResult().setName(topic.name());
            response.topics().add(answered);
            for (DeleteRecordsPartition asked : topic.partitions()) {
                DeleteRecordsPartitionResult result = new DeleteRecordsPartitionResult()
                        .setPartitionIndex(asked.partitionIndex())
                        .setLowWatermark(UNKNOWN);
                answered.partitions().add(result);
                delete(request, topic.name(), asked, result, pending);
            }
        }
        pending.done();
    }

    private void delete(
            KafkaRequest request,
            String topic,
            DeleteRecordsPartition asked,
            DeleteRecordsPartitionResult result,
            Pending pending) {
        LedPartitions.Found found =
                partitions.find(request.principal(), Operation.DELETE, topic, asked.partitionIndex(), -1);
        Partition partition = found.partition();
        Errors refusal = TopicName.isInternal(topic) ? Errors.INVALID_TOPIC_EXCEPTION : found.error();
        if (refusal == Errors.NONE && !mayLoseRecords(topic)) {
            refusal = Errors.POLICY_VIOLATION;
        }
        if (refusal != Errors.NONE || partition == null) {
            result.setErrorCode(refusal.code());
            pending.done();
            return;
        }
        journal.deleteRecords(partition, asked.offset(), request.loop(), deleted -> {
            result.setErrorCode(ErrorCodes.code(deleted.error()));
            if (deleted.succeeded()) {
                result.setLowWatermark(deleted.baseOffset());
            }
            pending.done();
        });
    }

    private boolean mayLoseRecords(String topic) {
        TopicImage image = metaLog.image().topic(topic);
        return image != null && TopicSettings.of(image.configs()).deletes();
    }
}
