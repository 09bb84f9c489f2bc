package io.robustmq.kafka.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData.DeleteShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData.DeleteShareGroupOffsetsResponseTopic;

/** A share group without members forgets that it ever read a topic. */
final class DeleteShareGroupOffsetsHandler implements ApiHandler {
    private final ShareCalls calls;

    DeleteShareGroupOffsetsHandler(ShareCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        DeleteShareGroupOffsetsRequestData body = request.body(DeleteShareGroupOffsetsRequestData.class);
        if (!calls.allowsGroup(request, Operation.DELETE, body.groupId())) {
            request.respond(refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        if (body.groupId().isEmpty()) {
            request.respond(refused(BrokerError.INVALID_GROUP_ID));
            return;
        }
        calls.checkGroup(request.loop(), body.groupId(), true, error -> {
            if (error == BrokerError.NONE) {
                delete(request, body);
            } else {
                request.respond(refused(error));
            }
        });
    }

    private void delete(KafkaRequest request, DeleteShareGroupOffsetsRequestData body) {
        DeleteShareGroupOffsetsResponseData response = new DeleteShareGroupOffsetsResponseData();
        Pending pending = new Pending(request.loop(), body.topics().size() + 1, () -> request.respond(response));
        for (DeleteShareGroupOffsetsRequestTopic wanted : body.topics()) {
            DeleteShareGroupOffsetsResponseTopic outcome =
                    new DeleteShareGroupOffsetsResponseTopic().setTopicName(wanted.topicName());
            response.responses().add(outcome);
            TopicImage topic = calls.image().topic(wanted.topicName());
            boolean allowed = calls.allowsTopic(request, Operation.READ, wanted.topicName());
            if (!allowed || topic == null) {
                tell(
                        outcome,
                        allowed ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION : BrokerError.TOPIC_AUTHORIZATION_FAILED);
                pending.done();
                continue;
            }
            outcome.setTopicId(new Uuid(topic.id().high(), topic.id().low()));
            calls.shared().forget(request.loop(), body.groupId(), Set.of(topic.id()), (error, removed) -> {
                tell(outcome, error);
                pending.done();
            });
        }
        pending.done();
    }

    private static void tell(DeleteShareGroupOffsetsResponseTopic outcome, BrokerError error) {
        if (error != BrokerError.NONE) {
            outcome.setErrorCode(ErrorCodes.code(error))
                    .setErrorMessage(ErrorCodes.of(error).message());
        }
    }

    private static DeleteShareGroupOffsetsResponseData refused(BrokerError error) {
        return new DeleteShareGroupOffsetsResponseData()
                .setErrorCode(ErrorCodes.code(error))
                .setErrorMessage(ErrorCodes.of(error).message());
    }
}
