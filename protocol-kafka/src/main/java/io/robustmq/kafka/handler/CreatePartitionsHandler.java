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
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Gives topics more partitions. */
public final class CreatePartitionsHandler implements ApiHandler {
    private static final short STRICT_QUOTA = 3;

    private final MetaLog metaLog;
    private final Access access;

    public CreatePartitionsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        CreatePartitionsRequestData body = request.body(CreatePartitionsRequestData.class);
        CreatePartitionsResponseData response = new CreatePartitionsResponseData();
        Pending pending = new Pending(request.loop(), body.topics().size() + 1, () -> request.respond(response));
        Set<String> twice = Repeated.in(body.topics(), CreatePartitionsTopic::name);
        Set<String> answered = new HashSet<>();
        for (CreatePartitionsTopic topic : body.topics()) {
            if (!answered.add(topic.name())) {
                pending.done();
                continue;
            }
            CreatePartitionsTopicResult result = new CreatePartitionsTopicResult().setName(topic.name());
            response.results().add(result);
            Errors refusal = twice.contains(topic.name()) ? Errors.INVALID_REQUEST : refusal(request, topic);
            if (refusal == Errors.NONE && !body.validateOnly() && overQuota(request, topic)) {
                refusal = Errors.THROTTLING_QUOTA_EXCEEDED;
            }
            if (refusal != Errors.NONE) {
                result.setErrorCode(refusal.code()).setErrorMessage(refusal.message());
                pending.done();
                continue;
            }
            MetaCommand.CreatePartitions command = new MetaCommand.CreatePartitions(
                    topic.name(), topic.count(), assignment(topic), body.validateOnly());
            pending.track(metaLog.submit(command), reply -> {
                if (reply instanceof MetaReply.Refused refused) {
                    result.setErrorCode(ErrorCodes.code(refused.error())).setErrorMessage(refused.message());
                }
            });
        }
        pending.done();
    }

    private boolean overQuota(KafkaRequest request, CreatePartitionsTopic asked) {
        TopicImage topic = metaLog.image().topic(asked.name());
        int present = topic == null ? 0 : topic.partitions().size();
        return request.mutates(Math.max(0, asked.count() - present), request.version() >= STRICT_QUOTA) > 0;
    }

    private Errors refusal(KafkaRequest request, CreatePartitionsTopic asked) {
        String topic = asked.name();
        if (!access.topic(request.principal(), Operation.ALTER, topic)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (metaLog.image().topic(topic) == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        // Keys are hashed to the partitions of an internal topic: with more of them, state would not be found again.
        if (TopicName.isInternal(topic)) {
            return Errors.POLICY_VIOLATION;
        }
        boolean assignsNone = asked.assignments() != null && asked.assignments().isEmpty();
        return assignsNone ? Errors.INVALID_REPLICA_ASSIGNMENT : Errors.NONE;
    }

    private static List<List<Integer>> assignment(CreatePartitionsTopic topic) {
        List<List<Integer>> assignment = new ArrayList<>();
        if (topic.assignments() != null) {
            for (CreatePartitionsAssignment partition : topic.assignments()) {
                assignment.add(List.copyOf(partition.brokerIds()));
            }
        }
        return assignment;
    }
}
