package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.DescribeShareGroup;
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
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.TopicPartitions;

/** Share groups in detail. */
final class ShareGroupDescribeHandler implements ApiHandler {
    private final GroupCalls calls;

    ShareGroupDescribeHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        ShareGroupDescribeRequestData body = request.body(ShareGroupDescribeRequestData.class);
        List<String> groupIds = body.groupIds();
        Gathering<DescribedGroup> gathering = new Gathering<>(
                groupIds.size(), groups -> request.respond(new ShareGroupDescribeResponseData().setGroups(groups)));
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
                    described -> described(request, body.includeAuthorizedOperations(), groupId, described),
                    error -> refused(groupId, error),
                    gathering.part(i));
            calls.submit(groupId, new DescribeShareGroup(pending, groupId));
        }
    }

    private DescribedGroup described(
            KafkaRequest request, boolean withOperations, String groupId, ConsumerDescribed described) {
        if (described.error() != BrokerError.NONE) {
            return refused(groupId, described.error()).setErrorMessage("Group " + groupId + " is not a share group.");
        }
        MetaImage image = calls.image();
        List<Member> members = new ArrayList<>(described.members().size());
        for (DescribedConsumer member : described.members()) {
            if (!ConsumerGroupDescribeHandler.visible(calls, request, image, member)) {
                return refused(groupId, BrokerError.TOPIC_AUTHORIZATION_FAILED);
            }
            members.add(member(image, member));
        }
        DescribedGroup group = new DescribedGroup()
                .setGroupId(groupId)
                .setGroupState(described.state())
                .setGroupEpoch(described.epoch())
                .setAssignmentEpoch(described.targetEpoch())
                .setAssignorName(described.assignor())
                .setMembers(members);
        return withOperations ? group.setAuthorizedOperations(calls.groupOperations(request, groupId)) : group;
    }

    private static Member member(MetaImage image, DescribedConsumer described) {
        ConsumerMember member = described.member();
        return new Member()
                .setMemberId(member.memberId())
                .setRackId(member.rackId())
                .setMemberEpoch(described.epoch())
                .setClientId(member.clientId())
                .setClientHost(member.clientHost())
                .setSubscribedTopicNames(member.topicNames())
                .setAssignment(assignment(image, described.assigned()));
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
