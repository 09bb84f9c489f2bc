package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** Nodes, topics, leaders. Creates the topics that are asked for by name and do not exist, when it may. */
public final class MetadataHandler implements ApiHandler {
    private static final short NULL_MEANS_ALL = 1;
    private static final short BY_ID = 12;
    private static final short CLUSTER_OPERATIONS_FIRST = 8;
    private static final short CLUSTER_OPERATIONS_LAST = 10;

    private final KafkaConfig config;
    private final MetaLog metaLog;
    private final Access access;
    private final Brokers brokers;

    public MetadataHandler(KafkaContext context) {
        this.config = context.config();
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
        this.brokers = new Brokers(context.nodeId(), context.config());
    }

    @Override
    public void handle(KafkaRequest request) {
        MetadataRequestData body = request.body(MetadataRequestData.class);
        if (request.version() < BY_ID && namesIds(body)) {
            request.respond(idsRefused(body));
            return;
        }
        List<String> missing = new ArrayList<>();
        Map<String, Errors> refusals = new HashMap<>();
        if (body.topics() != null && body.allowAutoTopicCreation() && config.autoCreateTopics()) {
            MetaImage image = metaLog.image();
            for (MetadataRequestTopic topic : body.topics()) {
                if (topic.name() != null && isMissing(request, image, topic.name())) {
                    if (isAllowedToCreate(request, topic.name())) {
                        missing.add(topic.name());
                    } else {
                        refusals.put(topic.name(), Errors.TOPIC_AUTHORIZATION_FAILED);
                    }
                }
            }
        }
        if (missing.isEmpty()) {
            answer(request, body, refusals);
            return;
        }
        Pending pending = new Pending(request.loop(), missing.size(), () -> answer(request, body, refusals));
        request.mutates(missing.size(), false);
        for (String name : missing) {
            MetaCommand.CreateTopic create =
                    new MetaCommand.CreateTopic(name, -1, -1, List.of(), Map.of(), config.autoCreateTopicsMax(), false);
            pending.track(metaLog.submit(create), reply -> {
                if (reply instanceof MetaReply.Refused refused && refused.error() != BrokerError.TOPIC_ALREADY_EXISTS) {
                    refusals.put(name, ErrorCodes.of(refused.error()));
                }
            });
        }
    }

    private static boolean namesIds(MetadataRequestData body) {
        return body.topics() != null
                && body.topics().stream().anyMatch(topic -> !topic.topicId().equals(Uuid.ZERO_UUID));
    }

    /** The versions that have the field but not its meaning (KAFKA-10774). */
    private static MetadataResponseData idsRefused(MetadataRequestData body) {
        MetadataResponseData response = new MetadataResponseData();
        for (MetadataRequestTopic topic : body.topics()) {
            response.topics()
                    .add(refused(topic.name() == null ? "" : topic.name(), topic.topicId(), Errors.INVALID_REQUEST));
        }
        return response;
    }

    private boolean isMissing(KafkaRequest request, MetaImage image, String name) {
        return image.topic(name) == null
                && TopicName.isLegal(name)
                && !TopicName.isInternal(name)
                && access.sees(request.principal(), name);
    }

    private boolean isAllowedToCreate(KafkaRequest request, String name) {
        return access.mightCluster(request.principal(), Operation.CREATE)
                || access.topic(request.principal(), Operation.CREATE, name);
    }

    private void answer(KafkaRequest request, MetadataRequestData body, Map<String, Errors> refusals) {
        MetaImage image = metaLog.image();
        MetadataResponseData response = new MetadataResponseData()
                .setClusterId(image.clusterId())
                .setControllerId(brokers.controller(image, request.localAddress()));
        addBrokers(response, image, request);
        boolean all = body.topics() == null
                || (request.version() < NULL_MEANS_ALL && body.topics().isEmpty());
        if (all) {
            for (TopicImage topic : image.topics()) {
                if (access.sees(request.principal(), topic.name())) {
                    response.topics().add(describe(request, body, image, topic));
                }
            }
        } else {
            Set<Object> seen = new HashSet<>();
            for (MetadataRequestTopic topic : body.topics()) {
                if (seen.add(isById(topic) ? topic.topicId() : topic.name())) {
                    response.topics().add(named(request, body, image, topic, refusals));
                }
            }
        }
        short version = request.version();
        if (body.includeClusterAuthorizedOperations()
                && version >= CLUSTER_OPERATIONS_FIRST
                && version <= CLUSTER_OPERATIONS_LAST) {
            response.setClusterAuthorizedOperations(access.clusterOperations(request.principal()));
        }
        request.respond(response);
    }

    private void addBrokers(MetadataResponseData response, MetaImage image, KafkaRequest request) {
        for (NodeImage node : image.nodes().values()) {
            Brokers.HostPort address = brokers.alive(image, node.id(), request.localAddress());
            if (address != null) {
                response.brokers()
                        .add(new MetadataResponseBroker()
                                .setNodeId(node.id())
                                .setHost(address.host())
                                .setPort(address.port())
                                .setRack(node.rack().isEmpty() ? null : node.rack()));
            }
        }
    }

    /** Kafka's own client leaves the name empty then, and not null. */
    private static boolean isById(MetadataRequestTopic asked) {
        return asked.name() == null || !asked.topicId().equals(Uuid.ZERO_UUID);
    }

    private MetadataResponseTopic named(
            KafkaRequest request,
            MetadataRequestData body,
            MetaImage image,
            MetadataRequestTopic asked,
            Map<String, Errors> refusals) {
        String name = asked.name();
        if (name == null || isById(asked)) {
            return byId(request, body, image, asked.topicId());
        }
        if (!access.topic(request.principal(), Operation.DESCRIBE, name)) {
            return refused(name, Uuid.ZERO_UUID, Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        TopicImage topic = image.topic(name);
        if (topic != null) {
            return describe(request, body, image, topic);
        }
        Errors absent = TopicName.isLegal(name) ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION;
        return refused(name, Uuid.ZERO_UUID, refusals.getOrDefault(name, absent));
    }

    private MetadataResponseTopic byId(KafkaRequest request, MetadataRequestData body, MetaImage image, Uuid id) {
        TopicId topicId = Ids.topicId(id);
        TopicImage topic = image.topic(topicId);
        // Whoever may not describe the topic learns nothing from its id, not even that it exists.
        if (topic == null || !access.topic(request.principal(), Operation.DESCRIBE, topic.name())) {
            return refused(null, id, Errors.UNKNOWN_TOPIC_ID);
        }
        return describe(request, body, image, topic);
    }

    private static MetadataResponseTopic refused(
            @org.jspecify.annotations.Nullable String name, Uuid id, Errors error) {
        return new MetadataResponseTopic()
                .setName(name)
                .setTopicId(id)
                .setErrorCode(error.code())
                .setIsInternal(name != null && TopicName.isInternal(name));
    }

    private MetadataResponseTopic describe(
            KafkaRequest request, MetadataRequestData body, MetaImage image, TopicImage topic) {
        MetadataResponseTopic response = new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(Ids.uuid(topic.id()))
                .setIsInternal(topic.internal());
        for (PartitionImage partition : topic.partitions()) {
            response.partitions().add(describe(request, image, topic, partition));
        }
        if (body.includeTopicAuthorizedOperations()) {
            response.setTopicAuthorizedOperations(access.topicOperations(request.principal(), topic.name()));
        }
        return response;
    }

    private MetadataResponsePartition describe(
            KafkaRequest request, MetaImage image, TopicImage topic, PartitionImage partition) {
        boolean led = brokers.alive(image, partition.leader(), request.localAddress()) != null;
        return new MetadataResponsePartition()
                .setErrorCode(led ? Errors.NONE.code() : Errors.LEADER_NOT_AVAILABLE.code())
                .setPartitionIndex(partition.index())
                .setLeaderId(led ? partition.leader() : PartitionImage.NO_LEADER)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(partition.replicas())
                .setIsrNodes(partition.isr())
                .setOfflineReplicas(Brokers.offline(image, topic, partition));
    }
}
