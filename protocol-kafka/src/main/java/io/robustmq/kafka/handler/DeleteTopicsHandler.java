package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Deletes topics by name, or from version 6 on by id. */
public final class DeleteTopicsHandler implements ApiHandler {
    private static final short STATES = 6;
    private static final short STRICT_QUOTA = 5;

    private final MetaLog metaLog;
    private final Access access;

    public DeleteTopicsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        List<DeleteTopicState> topics = asked(request);
        DeleteTopicsResponseData response = new DeleteTopicsResponseData();
        Pending pending = new Pending(request.loop(), topics.size() + 1, () -> request.respond(response));
        Set<Object> twice = Repeated.in(topics, topic -> target(request, topic));
        Set<Object> answered = new HashSet<>();
        for (DeleteTopicState topic : topics) {
            Object target = target(request, topic);
            if (!answered.add(target)) {
                pending.done();
                continue;
            }
            DeletableTopicResult result =
                    new DeletableTopicResult().setName(topic.name()).setTopicId(topic.topicId());
            response.responses().add(result);
            if (twice.contains(target)) {
                if (target instanceof String name) {
                    result.setName(name);
                }
                result.setErrorCode(Errors.INVALID_REQUEST.code()).setErrorMessage("The topic is named twice.");
                pending.done();
            } else {
                delete(request, topic, result, pending);
            }
        }
        pending.done();
    }

    private static List<DeleteTopicState> asked(KafkaRequest request) {
        DeleteTopicsRequestData body = request.body(DeleteTopicsRequestData.class);
        if (request.version() >= STATES) {
            return body.topics();
        }
        List<DeleteTopicState> topics = new ArrayList<>();
        for (String name : body.topicNames()) {
            topics.add(new DeleteTopicState().setName(name));
        }
        return topics;
    }

    /** What is to be deleted, whether it is named or given by its id; an id stays one to who may not see the topic. */
    private Object target(KafkaRequest request, DeleteTopicState asked) {
        if (asked.name() != null) {
            return asked.name();
        }
        TopicImage topic = metaLog.image().topic(Ids.topicId(asked.topicId()));
        return topic == null || !access.sees(request.principal(), topic.name()) ? asked.topicId() : topic.name();
    }

    private void delete(KafkaRequest request, DeleteTopicState asked, DeletableTopicResult result, Pending pending) {
        String name = asked.name();
        boolean byId = !asked.topicId().equals(Uuid.ZERO_UUID);
        TopicImage topic = null;
        Errors refusal = Errors.NONE;
        if (byId == (name != null)) {
            refusal = Errors.INVALID_REQUEST;
        } else if (byId) {
            topic = metaLog.image().topic(Ids.topicId(asked.topicId()));
            boolean visible = topic != null && access.topic(request.principal(), Operation.DESCRIBE, topic.name());
            refusal = visible ? Errors.NONE : Errors.UNKNOWN_TOPIC_ID;
        } else {
            topic = metaLog.image().topic(name);
        }
        String target = topic == null ? name : topic.name();
        if (refusal == Errors.NONE && target != null) {
            refusal = refusal(request, target, topic);
        }
        if (refusal != Errors.NONE || topic == null) {
            result.setErrorCode(refusal.code()).setErrorMessage(refusal.message());
            pending.done();
            return;
        }
        if (request.mutates(topic.partitions().size(), request.version() >= STRICT_QUOTA) > 0) {
            result.setErrorCode(Errors.THROTTLING_QUOTA_EXCEEDED.code())
                    .setErrorMessage(Errors.THROTTLING_QUOTA_EXCEEDED.message());
            pending.done();
            return;
        }
        result.setName(topic.name()).setTopicId(Ids.uuid(topic.id()));
        pending.track(metaLog.submit(new MetaCommand.DeleteTopic(topic.name())), reply -> {
            if (reply instanceof MetaReply.Refused refused) {
                result.setErrorCode(ErrorCodes.code(refused.error())).setErrorMessage(refused.message());
            }
        });
    }

    private Errors refusal(KafkaRequest request, String name, @org.jspecify.annotations.Nullable TopicImage topic) {
        if (!access.topic(request.principal(), Operation.DELETE, name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (topic == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return TopicName.isInternal(name) ? Errors.POLICY_VIOLATION : Errors.NONE;
    }
}
