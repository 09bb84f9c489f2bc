package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** Topics page by page (KIP-966): in the order of their names, a number of partitions at a time. */
public final class DescribeTopicPartitionsHandler implements ApiHandler {
    private static final int PARTITIONS_MAX = 2_000;

    private final MetaLog metaLog;
    private final Access access;
    private final Brokers brokers;

    public DescribeTopicPartitionsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
        this.brokers = new Brokers(context.nodeId(), context.config());
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeTopicPartitionsRequestData body = request.body(DescribeTopicPartitionsRequestData.class);
        MetaImage image = metaLog.image();
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        Cursor cursor = body.cursor();
        if (cursor != null && cursor.partitionIndex() < 0) {
            for (TopicRequest topic : body.topics()) {
                response.topics().add(refused(topic.name(), Errors.INVALID_REQUEST));
            }
            request.respond(response);
            return;
        }
        int left = Math.max(1, Math.min(PARTITIONS_MAX, body.responsePartitionLimit()));
        for (String name : names(request, body, image)) {
            int first = cursor != null && name.equals(cursor.topicName()) ? cursor.partitionIndex() : 0;
            if (left == 0) {
                response.setNextCursor(new DescribeTopicPartitionsResponseData.Cursor()
                        .setTopicName(name)
                        .setPartitionIndex(first));
                break;
            }
            DescribeTopicPartitionsResponseTopic topic = describe(request, image, name, first, left);
            response.topics().add(topic);
            left -= topic.partitions().size();
            int next = first + topic.partitions().size();
            TopicImage found = image.topic(name);
            if (topic.errorCode() == Errors.NONE.code()
                    && found != null
                    && next < found.partitions().size()) {
                response.setNextCursor(new DescribeTopicPartitionsResponseData.Cursor()
                        .setTopicName(name)
                        .setPartitionIndex(next));
                break;
            }
        }
        request.respond(response);
    }

    /** What is asked for, from the cursor on; asking for nothing asks for all that the client may see. */
    private SortedSet<String> names(KafkaRequest request, DescribeTopicPartitionsRequestData body, MetaImage image) {
        TreeSet<String> names = new TreeSet<>();
        if (body.topics().isEmpty()) {
            for (TopicImage topic : image.topics()) {
                if (access.sees(request.principal(), topic.name())) {
                    names.add(topic.name());
                }
            }
        } else {
            body.topics().forEach(topic -> names.add(topic.name()));
        }
        Cursor cursor = body.cursor();
        return cursor == null ? names : new TreeSet<>(names.tailSet(cursor.topicName(), true));
    }

    private DescribeTopicPartitionsResponseTopic describe(
            KafkaRequest request, MetaImage image, String name, int first, int limit) {
        if (!access.topic(request.principal(), Operation.DESCRIBE, name)) {
            return refused(name, Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        TopicImage topic = image.topic(name);
        if (topic == null) {
            boolean legal = TopicName.isLegal(name);
            return refused(name, legal ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION);
        }
        DescribeTopicPartitionsResponseTopic response = new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setTopicId(Ids.uuid(topic.id()))
                .setIsInternal(topic.internal())
                .setTopicAuthorizedOperations(access.topicOperations(request.principal(), name));
        int end = Math.min(topic.partitions().size(), first + limit);
        for (int i = first; i < end; i++) {
            response.partitions()
                    .add(describe(request, image, topic, topic.partitions().get(i)));
        }
        return response;
    }

    private DescribeTopicPartitionsResponsePartition describe(
            KafkaRequest request, MetaImage image, TopicImage topic, PartitionImage partition) {
        boolean led = brokers.alive(image, partition.leader(), request.localAddress()) != null;
        return new DescribeTopicPartitionsResponsePartition()
                .setErrorCode(led ? Errors.NONE.code() : Errors.LEADER_NOT_AVAILABLE.code())
                .setPartitionIndex(partition.index())
                .setLeaderId(led ? partition.leader() : PartitionImage.NO_LEADER)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(partition.replicas())
                .setIsrNodes(partition.isr())
                .setEligibleLeaderReplicas(partition.elr())
                .setLastKnownElr(
                        partition.lastLeader() == PartitionImage.NO_LEADER
                                ? List.of()
                                : List.of(partition.lastLeader()))
                .setOfflineReplicas(Brokers.offline(image, topic, partition));
    }

    private static DescribeTopicPartitionsResponseTopic refused(String name, Errors error) {
        return new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setErrorCode(error.code())
                .setIsInternal(TopicName.isInternal(name));
    }
}
