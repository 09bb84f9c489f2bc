package io.robustmq.kafka.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.security.Operation;
import io.robustmq.core.share.ShareCommand.Move;
import io.robustmq.core.share.ShareKey;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.handler.ShareAnswer;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestPartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponseTopic;
import org.jspecify.annotations.Nullable;

/** An administrator says where a share group without members shall read next. */
final class AlterShareGroupOffsetsHandler implements ApiHandler {
    private final ShareCalls calls;

    AlterShareGroupOffsetsHandler(ShareCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        AlterShareGroupOffsetsRequestData body = request.body(AlterShareGroupOffsetsRequestData.class);
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        if (body.groupId().isEmpty()) {
            request.respond(refused(BrokerError.INVALID_GROUP_ID));
            return;
        }
        calls.checkGroup(request.loop(), body.groupId(), true, error -> {
            if (error == BrokerError.NONE) {
                alter(request, body);
            } else {
                request.respond(refused(error));
            }
        });
    }

    private void alter(KafkaRequest request, AlterShareGroupOffsetsRequestData body) {
        AlterShareGroupOffsetsResponseData response = new AlterShareGroupOffsetsResponseData();
        int partitions = 0;
        for (AlterShareGroupOffsetsRequestTopic topic : body.topics()) {
            partitions += topic.partitions().size();
        }
        Pending pending = new Pending(request.loop(), partitions + 1, () -> request.respond(response));
        for (AlterShareGroupOffsetsRequestTopic wanted : body.topics()) {
            TopicImage topic = calls.image().topic(wanted.topicName());
            boolean allowed = calls.allowsTopic(request, Operation.READ, wanted.topicName());
            AlterShareGroupOffsetsResponseTopic answer =
                    new AlterShareGroupOffsetsResponseTopic().setTopicName(wanted.topicName());
            if (allowed && topic != null) {
                answer.setTopicId(new Uuid(topic.id().high(), topic.id().low()));
            }
            response.responses().add(answer);
            for (AlterShareGroupOffsetsRequestPartition partition : wanted.partitions()) {
                AlterShareGroupOffsetsResponsePartition outcome =
                        new AlterShareGroupOffsetsResponsePartition().setPartitionIndex(partition.partitionIndex());
                answer.partitions().add(outcome);
                BrokerError refusal = allowed ? check(topic, partition) : BrokerError.TOPIC_AUTHORIZATION_FAILED;
                if (refusal == BrokerError.NONE && topic != null) {
                    ShareKey key = new ShareKey(body.groupId(), topic.partition(partition.partitionIndex()));
                    ShareAnswer done = ShareAnswer.done(request.loop(), error -> {
                        tell(outcome, error);
                        pending.done();
                    });
                    calls.service()
                            .submit(
                                    key,
                                    new Move(
                                            done,
                                            key,
                                            partition.startOffset(),
                                            calls.image().index()));
                } else {
                    tell(outcome, refusal);
                    pending.done();
                }
            }
        }
        pending.done();
    }

    private static BrokerError check(@Nullable TopicImage topic, AlterShareGroupOffsetsRequestPartition wanted) {
        int index = wanted.partitionIndex();
        if (topic == null || index < 0 || index >= topic.partitions().size()) {
            return BrokerError.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return wanted.startOffset() < 0 ? BrokerError.INVALID_REQUEST : BrokerError.NONE;
    }

    private static void tell(AlterShareGroupOffsetsResponsePartition outcome, BrokerError error) {
        if (error != BrokerError.NONE) {
            outcome.setErrorCode(ErrorCodes.code(error))
                    .setErrorMessage(ErrorCodes.of(error).message());
        }
    }

    private static AlterShareGroupOffsetsResponseData refused(BrokerError error) {
        return new AlterShareGroupOffsetsResponseData()
                .setErrorCode(ErrorCodes.code(error))
                .setErrorMessage(ErrorCodes.of(error).message());
    }
}
