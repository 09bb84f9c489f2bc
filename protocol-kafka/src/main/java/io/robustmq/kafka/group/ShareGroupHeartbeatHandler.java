package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.ReportToShareGroup;
import io.robustmq.core.group.GroupReply.Reported;
import io.robustmq.core.group.consumer.ConsumerHeartbeat;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Origin;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Wishes;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData.TopicPartitions;

/** A member of a share group says what it wants, and is told what to read together with others (KIP-932). */
final class ShareGroupHeartbeatHandler implements ApiHandler {
    private static final int AS_LONG_AS_IT_TAKES = -1;

    private final GroupCalls calls;

    ShareGroupHeartbeatHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        ShareGroupHeartbeatRequestData body = request.body(ShareGroupHeartbeatRequestData.class);
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        List<String> names = body.subscribedTopicNames();
        if (names != null && !names.stream().allMatch(name -> calls.allowsTopic(request, Operation.DESCRIBE, name))) {
            request.respond(refused(BrokerError.TOPIC_AUTHORIZATION_FAILED));
            return;
        }
        PendingAnswer<Reported, ShareGroupHeartbeatResponseData> pending = new PendingAnswer<>(
                request.loop(),
                Reported.class,
                reported -> response(reported.result()),
                ShareGroupHeartbeatHandler::refused,
                request::respond);
        calls.submit(body.groupId(), new ReportToShareGroup(pending, heartbeat(request, body)));
    }

    /** As one that owns nothing: nobody waits for what it has. */
    private ConsumerHeartbeat heartbeat(KafkaRequest request, ShareGroupHeartbeatRequestData body) {
        return new ConsumerHeartbeat(
                body.groupId(),
                body.memberId(),
                body.memberEpoch(),
                null,
                new Wishes(body.rackId(), AS_LONG_AS_IT_TAKES, body.subscribedTopicNames(), null, null),
                Partitions.NONE,
                new Origin(request.clientId(), GroupCalls.host(request), calls.image(), topic -> false));
    }

    private static ShareGroupHeartbeatResponseData response(HeartbeatResult result) {
        if (result.error() != BrokerError.NONE) {
            return refused(result.error()).setErrorMessage(result.message());
        }
        ShareGroupHeartbeatResponseData response = new ShareGroupHeartbeatResponseData()
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

    private static ShareGroupHeartbeatResponseData refused(BrokerError error) {
        return new ShareGroupHeartbeatResponseData()
                .setErrorCode(GroupErrors.code(error))
                .setErrorMessage(GroupErrors.of(error).message());
    }
}
