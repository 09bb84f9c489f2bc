package io.robustmq.kafka.txn;

import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.kafka.handler.TxnAnswer;
import io.robustmq.kafka.handler.TxnErrors;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnPartitionResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** A producer of the first transaction protocol says where it is about to write: to all of it, or nothing is added. */
final class AddPartitionsToTxnHandler implements ApiHandler {
    private static final short KNOWS_FENCED = 2;

    private final TxnCalls calls;

    AddPartitionsToTxnHandler(TxnCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        AddPartitionsToTxnRequestData body = request.body(AddPartitionsToTxnRequestData.class);
        String transactionalId = body.v3AndBelowTransactionalId();
        Map<TxnPartition, Errors> results = new LinkedHashMap<>();
        boolean allowed = calls.allowsId(request, Operation.WRITE, transactionalId);
        boolean allGood = true;
        for (AddPartitionsToTxnTopic topic : body.v3AndBelowTopics()) {
            for (int index : topic.partitions()) {
                Errors error =
                        allowed ? check(request, topic.name(), index) : Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
                results.put(new TxnPartition(topic.name(), index), error);
                allGood &= error == Errors.NONE;
            }
        }
        if (!allGood || results.isEmpty()) {
            results.replaceAll((partition, error) -> error == Errors.NONE ? Errors.OPERATION_NOT_ATTEMPTED : error);
            request.respond(response(results));
            return;
        }
        TxnAnswer answer = new TxnAnswer(request.loop(), done -> request.respond(response(results)), refusal -> {
            Errors error = TxnErrors.of(refusal, request.version() >= KNOWS_FENCED, false);
            results.replaceAll((partition, none) -> error);
            request.respond(response(results));
        });
        TxnCommand.Producer producer =
                new TxnCommand.Producer(body.v3AndBelowProducerId(), body.v3AndBelowProducerEpoch());
        calls.service()
                .submit(
                        transactionalId,
                        new TxnCommand.AddPartitions(answer, transactionalId, producer, results.keySet(), false));
    }

    private Errors check(KafkaRequest request, String topic, int index) {
        if (!calls.allowsTopic(request, Operation.WRITE, topic) || TopicName.isInternal(topic)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        TopicImage image = calls.metaLog().image().topic(topic);
        return image == null || index < 0 || index >= image.partitions().size()
                ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                : Errors.NONE;
    }

    private static AddPartitionsToTxnResponseData response(Map<TxnPartition, Errors> results) {
        AddPartitionsToTxnResponseData response = new AddPartitionsToTxnResponseData();
        results.forEach((partition, error) -> {
            AddPartitionsToTxnTopicResult topic =
                    response.resultsByTopicV3AndBelow().find(partition.topic());
            if (topic == null) {
                topic = new AddPartitionsToTxnTopicResult().setName(partition.topic());
                response.resultsByTopicV3AndBelow().add(topic);
            }
            topic.resultsByPartition()
                    .add(new AddPartitionsToTxnPartitionResult()
                            .setPartitionIndex(partition.partition())
                            .setPartitionErrorCode(error.code()));
        });
        return response;
    }
}
