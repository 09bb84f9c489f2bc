package io.robustmq.kafka.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.security.Operation;
import io.robustmq.core.share.ShareReply.DescribedPartition;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.group.Gathering;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseTopic;
import org.jspecify.annotations.Nullable;

/** How far share groups are, partition by partition. */
final class DescribeShareGroupOffsetsHandler implements ApiHandler {
    private static final long NOT_STARTED = -1;
    private static final long NO_LAG = -1;

    private final ShareCalls calls;

    DescribeShareGroupOffsetsHandler(ShareCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeShareGroupOffsetsRequestData body = request.body(DescribeShareGroupOffsetsRequestData.class);
        Gathering<DescribeShareGroupOffsetsResponseGroup> gathering = new Gathering<>(
                body.groups().size(),
                groups -> request.respond(new DescribeShareGroupOffsetsResponseData().setGroups(groups)));
        for (int i = 0; i < body.groups().size(); i++) {
            describe(request, body.groups().get(i), gathering.part(i));
        }
    }

    private void describe(
            KafkaRequest request,
            DescribeShareGroupOffsetsRequestGroup group,
            Consumer<DescribeShareGroupOffsetsResponseGroup> whenDone) {
        String groupId = group.groupId();
        if (!calls.allowsGroup(request, Operation.DESCRIBE, groupId)) {
            whenDone.accept(refused(groupId, BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        calls.checkGroup(request.loop(), groupId, false, error -> {
            if (error == BrokerError.GROUP_ID_NOT_FOUND && !groupId.isEmpty() && group.topics() != null) {
                // Of what was asked for by name, nothing has started.
                whenDone.accept(described(request, group, List.of()));
                return;
            }
            if (error != BrokerError.NONE) {
                whenDone.accept(refused(groupId, error));
                return;
            }
            calls.shared()
                    .describe(
                            request.loop(),
                            groupId,
                            (failure, found) -> whenDone.accept(
                                    failure == BrokerError.NONE
                                            ? described(request, group, found)
                                            : refused(groupId, failure)));
        });
    }

    private DescribeShareGroupOffsetsResponseGroup described(
            KafkaRequest request, DescribeShareGroupOffsetsRequestGroup group, List<DescribedPartition> found) {
        List<DescribeShareGroupOffsetsRequestTopic> wanted = group.topics();
        Map<Partition, DescribedPartition> byPartition = new HashMap<>();
        found.forEach(each -> byPartition.put(each.partition(), each));
        MetaImage image = calls.image();
        List<DescribeShareGroupOffsetsResponseTopic> topics = new ArrayList<>();
        for (DescribeShareGroupOffsetsRequestTopic topic : wanted == null ? everything(request, found) : wanted) {
            topics.add(described(request, topic, image.topic(topic.topicName()), byPartition));
        }
        return new DescribeShareGroupOffsetsResponseGroup()
                .setGroupId(group.groupId())
                .setTopics(topics);
    }

    /** As far as the client may see it. */
    private List<DescribeShareGroupOffsetsRequestTopic> everything(
            KafkaRequest request, List<DescribedPartition> found) {
        Map<String, DescribeShareGroupOffsetsRequestTopic> topics = new LinkedHashMap<>();
        for (DescribedPartition each : found) {
            TopicImage topic = calls.image().topic(each.partition().topicId());
            if (topic != null && calls.allowsTopic(request, Operation.DESCRIBE, topic.name())) {
                topics.computeIfAbsent(
                                topic.name(), name -> new DescribeShareGroupOffsetsRequestTopic().setTopicName(name))
                        .partitions()
                        .add(each.partition().index());
            }
        }
        return List.copyOf(topics.values());
    }

    private DescribeShareGroupOffsetsResponseTopic described(
            KafkaRequest request,
            DescribeShareGroupOffsetsRequestTopic wanted,
            @Nullable TopicImage topic,
            Map<Partition, DescribedPartition> found) {
        boolean allowed = calls.allowsTopic(request, Operation.DESCRIBE, wanted.topicName());
        DescribeShareGroupOffsetsResponseTopic answer =
                new DescribeShareGroupOffsetsResponseTopic().setTopicName(wanted.topicName());
        if (allowed && topic != null) {
            answer.setTopicId(new Uuid(topic.id().high(), topic.id().low()));
        }
        for (int index : wanted.partitions()) {
            boolean exists =
                    topic != null && index >= 0 && index < topic.partitions().size();
            if (!allowed) {
                answer.partitions().add(refused(index, BrokerError.TOPIC_AUTHORIZATION_FAILED));
            } else if (topic == null || !exists) {
                answer.partitions()
                        .add(new DescribeShareGroupOffsetsResponsePartition()
                                .setPartitionIndex(index)
                                .setStartOffset(NOT_STARTED)
                                .setLag(NO_LAG));
            } else {
                Partition partition = topic.partition(index);
                answer.partitions().add(described(partition, found.get(partition)));
            }
        }
        return answer;
    }

    private DescribeShareGroupOffsetsResponsePartition described(
            Partition partition, @Nullable DescribedPartition found) {
        DescribeShareGroupOffsetsResponsePartition answer = new DescribeShareGroupOffsetsResponsePartition()
                .setPartitionIndex(partition.index())
                .setStartOffset(NOT_STARTED)
                .setLag(NO_LAG);
        PartitionState state = calls.journal().state(partition);
        if (state != null) {
            answer.setLeaderEpoch(state.leaderEpoch());
        }
        if (found != null) {
            answer.setStartOffset(found.start());
            if (state != null) {
                answer.setLag(Math.max(0, state.highWatermark() - found.start() - found.done()));
            }
        }
        return answer;
    }

    private static DescribeShareGroupOffsetsResponsePartition refused(int index, BrokerError error) {
        return new DescribeShareGroupOffsetsResponsePartition()
                .setPartitionIndex(index)
                .setStartOffset(NOT_STARTED)
                .setErrorCode(ErrorCodes.code(error))
                .setErrorMessage(ErrorCodes.of(error).message());
    }

    private static DescribeShareGroupOffsetsResponseGroup refused(String groupId, BrokerError error) {
        return new DescribeShareGroupOffsetsResponseGroup()
                .setGroupId(groupId)
                .setErrorCode(ErrorCodes.code(error))
                .setErrorMessage(ErrorCodes.of(error).message());
    }
}
