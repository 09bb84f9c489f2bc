package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.Heartbeat;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;

/** A member lives, and learns whether it must join again. */
final class HeartbeatHandler implements ApiHandler {
    private final GroupCalls calls;

    HeartbeatHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        HeartbeatRequestData body = request.body(HeartbeatRequestData.class);
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(response(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        PendingAnswer<Done, HeartbeatResponseData> pending = new PendingAnswer<>(
                request.loop(),
                Done.class,
                done -> response(done.error()),
                // A client joins again when told that its coordinator moved or is gone; while it loads, nothing is
                // wrong.
                error -> response(error == BrokerError.COORDINATOR_LOADING ? BrokerError.NONE : error),
                request::respond);
        Membership member = new Membership(body.generationId(), body.memberId(), body.groupInstanceId());
        calls.submit(body.groupId(), new Heartbeat(pending, body.groupId(), member));
    }

    private static HeartbeatResponseData response(BrokerError error) {
        return new HeartbeatResponseData().setErrorCode(GroupErrors.code(error));
    }
}
