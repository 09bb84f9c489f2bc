package io.robustmq.kafka.txn;

import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** Which producers are active in partitions, and where their transactions began. */
final class DescribeProducersHandler implements ApiHandler {
    private final TxnCalls calls;

    DescribeProducersHandler(TxnCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeProducersRequestData body = request.body(DescribeProducersRequestData.class);
        DescribeProducersResponseData response = new DescribeProducersResponseData();
        int parts = 1;
        for (TopicRequest topic : body.topics()) {
            parts += topic.partitionIndexes().size();
        }
        Pending pending = new Pending(request.loop(), parts, () -> request.respond(response));
        for (TopicRequest topic : body.topics()) {
            TopicResponse answered = new TopicResponse().setName(topic.name());
            response.topics().add(answered);
            for (int index : topic.partitionIndexes()) {
                PartitionResponse part = new PartitionResponse().setPartitionIndex(index);
                answered.partitions().add(part);
                describe(request, topic.name(), part, pending::done);
            }
        }
        pending.done();
    }

    private void describe(KafkaRequest request, String topic, PartitionResponse part, Runnable done) {
        TopicImage image = calls.metaLog().image().topic(topic);
        int index = part.partitionIndex();
        if (!calls.allowsTopic(request, Operation.READ, topic)) {
            refuse(part, Errors.TOPIC_AUTHORIZATION_FAILED, done);
            return;
        }
        if (image == null || index < 0 || index >= image.partitions().size()) {
            refuse(part, Errors.UNKNOWN_TOPIC_OR_PARTITION, done);
            return;
        }
        Partition partition = image.partition(index);
        PartitionState state = calls.journal().state(partition);
        if (state == null || !state.leader()) {
            refuse(part, Errors.NOT_LEADER_OR_FOLLOWER, done);
            return;
        }
        calls.journal().producers(partition, request.loop(), states -> {
            PartitionState now = calls.journal().state(partition);
            if (now == null || now.leaderEpoch() != state.leaderEpoch()) {
                refuse(part, Errors.NOT_LEADER_OR_FOLLOWER, done);
                return;
            }
            states.forEach(producer -> part.activeProducers()
                    .add(new ProducerState()
                            .setProducerId(producer.producerId())
                            .setProducerEpoch(producer.producerEpoch())
                            .setLastSequence(producer.lastSequence())
                            .setLastTimestamp(producer.lastTimestampMs())
                            .setCoordinatorEpoch(producer.coordinatorEpoch())
                            .setCurrentTxnStartOffset(producer.currentTransactionFirstOffset())));
            done.run();
        });
    }

    private static void refuse(PartitionResponse part, Errors error, Runnable done) {
        part.setErrorCode(error.code()).setErrorMessage(error.message());
        done.run();
    }
}
