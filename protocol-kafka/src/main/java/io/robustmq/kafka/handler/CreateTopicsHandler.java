package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Creates topics; answers when this node's image has them, so that they can be used at once. */
public final class CreateTopicsHandler implements ApiHandler {
    private static final short STRICT_QUOTA = 6;

    private final MetaLog metaLog;
    private final Access access;

    public CreateTopicsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        CreateTopicsRequestData body = request.body(CreateTopicsRequestData.class);
        CreateTopicsResponseData response = new CreateTopicsResponseData();
        Set<String> twice = Repeated.in(body.topics(), CreatableTopic::name);
        Pending pending = new Pending(request.loop(), body.topics().size() + 1, () -> request.respond(response));
        for (CreatableTopic topic : body.topics()) {
            if (twice.contains(topic.name())) {
                if (response.topics().find(topic.name()) == null) {
                    CreatableTopicResult result = new CreatableTopicResult().setName(topic.name());
                    refuse(result, Errors.INVALID_REQUEST, "The topic is named twice in this request.");
                    response.topics().add(result);
                }
                pending.done();
                continue;
            }
            CreatableTopicResult result =
                    new CreatableTopicResult().setName(topic.name()).setErrorMessage(null);
            response.topics().add(result);
            create(request, body, topic, result, pending);
        }
        pending.done();
    }

    private void create(
            KafkaRequest request,
            CreateTopicsRequestData body,
            CreatableTopic topic,
            CreatableTopicResult result,
            Pending pending) {
        Map<String, String> configs = new HashMap<>();
        for (CreatableTopicConfig config : topic.configs()) {
            if (config.value() != null) {
                configs.put(config.name(), config.value());
            }
        }
        if (!check(request, topic, configs, result)) {
            pending.done();
            return;
        }
        int partitions = topic.assignments().isEmpty()
                ? Math.max(1, topic.numPartitions())
                : topic.assignments().size();
        boolean creates = !body.validateOnly() && metaLog.image().topic(topic.name()) == null;
        if (creates && request.mutates(partitions, request.version() >= STRICT_QUOTA) > 0) {
            refuse(result, Errors.THROTTLING_QUOTA_EXCEEDED, Errors.THROTTLING_QUOTA_EXCEEDED.message());
            pending.done();
            return;
        }
        MetaCommand.CreateTopic command = new MetaCommand.CreateTopic(
                topic.name(),
                topic.numPartitions(),
                topic.replicationFactor(),
                assignment(topic),
                configs,
                -1,
                body.validateOnly());
        pending.track(metaLog.submit(command), reply -> {
            if (reply instanceof MetaReply.TopicCreated created) {
                result.setTopicId(Ids.uuid(created.id()));
                if (access.mightTopic(request.principal(), Operation.DESCRIBE_CONFIGS, topic.name())) {
                    result.setNumPartitions(created.partitions())
                            .setReplicationFactor((short) created.replicationFactor())
                            .setConfigs(describe(configs));
                } else {
                    result.setConfigs(List.of()).setTopicConfigErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
                }
            } else if (reply instanceof MetaReply.Refused refused) {
                refuse(result, ErrorCodes.of(refused.error()), refused.message());
            } else {
                throw new AssertionError(reply);
            }
        });
    }

    private boolean check(
            KafkaRequest request, CreatableTopic topic, Map<String, String> configs, CreatableTopicResult result) {
        String name = topic.name();
        if (!access.mightCluster(request.principal(), Operation.CREATE)
                && !access.topic(request.principal(), Operation.CREATE, name)) {
            return refuse(result, Errors.TOPIC_AUTHORIZATION_FAILED, Errors.TOPIC_AUTHORIZATION_FAILED.message());
        }
        if (!TopicName.isLegal(name)) {
            return refuse(result, Errors.INVALID_TOPIC_EXCEPTION, "The topic name is not legal.");
        }
        if (metaLog.image().topic(name) != null) {
            return refuse(result, Errors.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists.");
        }
        for (CreatableTopicConfig config : topic.configs()) {
            if (config.value() == null) {
                return refuse(result, Errors.INVALID_CONFIG, config.name() + ": the value is missing.");
            }
        }
        boolean assigned = !topic.assignments().isEmpty();
        if (assigned && (topic.numPartitions() != -1 || topic.replicationFactor() != -1)) {
            return refuse(
                    result,
                    Errors.INVALID_REQUEST,
                    "With an assignment, the number of partitions and the replication factor must be -1.");
        }
        if (assigned && !isDense(topic)) {
            return refuse(
                    result, Errors.INVALID_REPLICA_ASSIGNMENT, "The assigned partitions must be 0, 1, 2 and so on.");
        }
        String reason = TopicConfigs.check(configs);
        return reason.isEmpty() || refuse(result, Errors.INVALID_CONFIG, reason);
    }

    private static boolean isDense(CreatableTopic topic) {
        for (int i = 0; i < topic.assignments().size(); i++) {
            if (topic.assignments().find(i) == null) {
                return false;
            }
        }
        return true;
    }

    private static List<List<Integer>> assignment(CreatableTopic topic) {
        List<List<Integer>> assignment = new ArrayList<>();
        for (int i = 0; i < topic.assignments().size(); i++) {
            CreatableReplicaAssignment partition = topic.assignments().find(i);
            assignment.add(List.copyOf(partition.brokerIds()));
        }
        return assignment;
    }

    private static List<CreatableTopicConfigs> describe(Map<String, String> configs) {
        List<CreatableTopicConfigs> described = new ArrayList<>();
        for (ConfigKey<?> key : TopicSettings.keys().values()) {
            String set = configs.get(key.name());
            described.add(new CreatableTopicConfigs()
                    .setName(key.name())
                    .setValue(set == null ? key.defaultText() : set)
                    .setConfigSource(set == null ? TopicConfigs.SOURCE_DEFAULT : TopicConfigs.SOURCE_TOPIC));
        }
        return described;
    }

    /** Always false. */
    private static boolean refuse(CreatableTopicResult result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message).setConfigs(List.of());
        return false;
    }
}
