package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.ReportToGroup;
import io.robustmq.core.group.GroupReply.Reported;
import io.robustmq.core.group.consumer.ConsumerHeartbeat;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Origin;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Wishes;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;
import org.jspecify.annotations.Nullable;

/** A member of the consumer protocol says what it wants and has, and is told what to consume (KIP-848). */
final class ConsumerGroupHeartbeatHandler implements ApiHandler {
    private static final int FIRST_WITH_ID_OF_THE_CLIENT = 1;

    private final GroupCalls calls;

    ConsumerGroupHeartbeatHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        ConsumerGroupHeartbeatRequestData body = request.body(ConsumerGroupHeartbeatRequestData.class);
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        List<String> names = body.subscribedTopicNames();
        if (names != null && !names.stream().allMatch(name -> calls.allowsTopic(request, Operation.DESCRIBE, name))) {
            request.respond(refused(BrokerError.TOPIC_AUTHORIZATION_FAILED));
            return;
        }
        PendingAnswer<Reported, ConsumerGroupHeartbeatResponseData> pending = new PendingAnswer<>(
                request.loop(),
                Reported.class,
                reported -> response(reported.result()),
                ConsumerGroupHeartbeatHandler::refused,
                request::respond);
        calls.submit(body.groupId(), new ReportToGroup(pending, heartbeat(request, body)));
    }

    private ConsumerHeartbeat heartbeat(KafkaRequest request, ConsumerGroupHeartbeatRequestData body) {
        boolean needsId = request.version() < FIRST_WITH_ID_OF_THE_CLIENT
                && body.memberEpoch() == 0
                && body.memberId().isEmpty();
        return new ConsumerHeartbeat(
                body.groupId(),
                needsId ? UUID.randomUUID().toString() : body.memberId(),
                body.memberEpoch(),
                body.instanceId(),
                new Wishes(
                        body.rackId(),
                        body.rebalanceTimeoutMs(),
                        body.subscribedTopicNames(),
                        body.subscribedTopicRegex(),
                        body.serverAssignor()),
                owned(body.topicPartitions()),
                new Origin(
                        request.clientId(),
                        GroupCalls.host(request),
                        calls.image(),
                        topic -> calls.allowsTopic(request, Operation.DESCRIBE, topic)));
    }

    private static @Nullable Partitions owned(
            @Nullable List<ConsumerGroupHeartbeatRequestData.TopicPartitions> topics) {
        if (topics == null) {
            return null;
        }
        Partitions.Builder owned = Partitions.builder();
        for (ConsumerGroupHeartbeatRequestData.TopicPartitions topic : topics) {
            Uuid id = topic.topicId();
            TopicId topicId = new TopicId(id.getMostSignificantBits(), id.getLeastSignificantBits());
            topic.partitions().forEach(partition -> owned.add(topicId, partition));
        }
        return owned.build();
    }

    private static ConsumerGroupHeartbeatResponseData response(HeartbeatResult result) {
        if (result.error() != BrokerError.NONE) {
            return refused(result.error()).setErrorMessage(result.message());
        }
        ConsumerGroupHeartbeatResponseData response = new ConsumerGroupHeartbeatResponseData()
                .setMemberId(result.memberId())
                .setMemberEpoch(result.memberEpoch())
                .setHeartbeatIntervalMs(result.heartbeatIntervalMs());
        Partitions assigned = result.assigned();
        if (assigned != null) {
            response.setAssignment(
                    new Assignment().setTopicPartitions(assigned.map((id, numbers) -> new TopicPartitions()
                            .setTopicId(new Uuid(id.high(), id.low()))
                            .setPartitions(numbers))));
        }
        return response;
    }

    private static ConsumerGroupHeartbeatResponseData refused(BrokerError error) {
        return new ConsumerGroupHeartbeatResponseData()
                .setErrorCode(GroupErrors.code(error))
                .setErrorMessage(GroupErrors.of(error).message());
    }
}
