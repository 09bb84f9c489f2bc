package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.DescribeConsumerGroup;
import io.robustmq.core.group.GroupReply.ConsumerDescribed;
import io.robustmq.core.group.GroupReply.DescribedConsumer;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;

/** Groups of the consumer protocol in detail; others are not found, and clients then ask for classic ones. */
final class ConsumerGroupDescribeHandler implements ApiHandler {
    private static final int FIRST_WITH_MEMBER_TYPE = 1;
    private static final byte CLASSIC = 0;
    private static final byte CONSUMER = 1;

    private final GroupCalls calls;

    ConsumerGroupDescribeHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        ConsumerGroupDescribeRequestData body = request.body(ConsumerGroupDescribeRequestData.class);
        List<String> groupIds = body.groupIds();
        Gathering<DescribedGroup> gathering = new Gathering<>(
                groupIds.size(), groups -> request.respond(new ConsumerGroupDescribeResponseData().setGroups(groups)));
        for (int i = 0; i < groupIds.size(); i++) {
            String groupId = groupIds.get(i);
            BrokerError refusal = calls.refusal(request, Operation.DESCRIBE, groupId);
            if (refusal != BrokerError.NONE) {
                gathering.put(i, refused(groupId, refusal).setErrorMessage(null));
                continue;
            }
            PendingAnswer<ConsumerDescribed, DescribedGroup> pending = new PendingAnswer<>(
                    request.loop(),
                    ConsumerDescribed.class,
                    described -> described(request, body, groupId, described),
                    error -> refused(groupId, error),
                    gathering.part(i));
            calls.submit(groupId, new DescribeConsumerGroup(pending, groupId));
        }
    }

    private DescribedGroup described(
            KafkaRequest request, ConsumerGroupDescribeRequestData body, String groupId, ConsumerDescribed described) {
        if (described.error() != BrokerError.NONE) {
            return refused(groupId, described.error())
                    .setErrorMessage("Group " + groupId + " is not a consumer group.");
        }
        MetaImage image = calls.image();
        List<Member> members = new ArrayList<>(described.members().size());
        for (DescribedConsumer member : described.members()) {
            if (!visible(calls, request, image, member)) {
                return refused(groupId, BrokerError.TOPIC_AUTHORIZATION_FAILED);
            }
            members.add(member(image, member, request.version()));
        }
        DescribedGroup group = new DescribedGroup()
                .setGroupId(groupId)
                .setGroupState(described.state())
                .setGroupEpoch(described.epoch())
                .setAssignmentEpoch(described.targetEpoch())
                .setAssignorName(described.assignor())
                .setMembers(members);
        return body.includeAuthorizedOperations()
                ? group.setAuthorizedOperations(calls.groupOperations(request, groupId))
                : group;
    }

    static boolean visible(GroupCalls calls, KafkaRequest request, MetaImage image, DescribedConsumer member) {
        List<Boolean> topics = member.assigned().plus(member.target()).map((id, numbers) -> {
            TopicImage topic = image.topic(id);
            return topic == null || calls.allowsTopic(request, Operation.DESCRIBE, topic.name());
        });
        return !topics.contains(false)
                && member.member().topicNames().stream()
                        .allMatch(name -> calls.allowsTopic(request, Operation.DESCRIBE, name));
    }

    private static Member member(MetaImage image, DescribedConsumer described, int version) {
        ConsumerMember member = described.member();
        Member answer = new Member()
                .setMemberId(member.memberId())
                .setInstanceId(member.instanceId())
                .setRackId(member.rackId())
                .setMemberEpoch(described.epoch())
                .setClientId(member.clientId())
                .setClientHost(member.clientHost())
                .setSubscribedTopicNames(member.topicNames())
                .setSubscribedTopicRegex(member.topicRegex())
                .setAssignment(assignment(image, described.assigned()))
                .setTargetAssignment(assignment(image, described.target()));
        return version < FIRST_WITH_MEMBER_TYPE
                ? answer
                : answer.setMemberType(member.classic() == null ? CONSUMER : CLASSIC);
    }

    /** What is left of a topic that was deleted has no name. */
    private static Assignment assignment(MetaImage image, Partitions partitions) {
        List<TopicPartitions> topics = new ArrayList<>(partitions.map((id, numbers) -> {
            TopicImage topic = image.topic(id);
            return new TopicPartitions()
                    .setTopicId(new Uuid(id.high(), id.low()))
                    .setTopicName(topic == null ? "" : topic.name())
                    .setPartitions(numbers);
        }));
        topics.removeIf(topic -> topic.topicName().isEmpty());
        return new Assignment().setTopicPartitions(topics);
    }

    private static DescribedGroup refused(String groupId, BrokerError error) {
        return new DescribedGroup()
                .setGroupId(groupId)
                .setErrorCode(GroupErrors.code(error))
                .setErrorMessage(GroupErrors.of(error).message());
    }
}
