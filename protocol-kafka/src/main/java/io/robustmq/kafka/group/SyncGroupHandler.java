package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.Bytes;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.Sync;
import io.robustmq.core.group.GroupReply.Synced;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;

/** A member asks what it consumes; the leader's request says it for all. */
final class SyncGroupHandler implements ApiHandler {
    private static final int FIRST_WITH_PROTOCOL = 5;

    private final GroupCalls calls;

    SyncGroupHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        SyncGroupRequestData body = request.body(SyncGroupRequestData.class);
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        boolean namesProtocol = request.version() >= FIRST_WITH_PROTOCOL;
        if (namesProtocol && (body.protocolType() == null || body.protocolName() == null)) {
            request.respond(refused(BrokerError.INCONSISTENT_GROUP_PROTOCOL));
            return;
        }
        Map<String, Bytes> assignments = new HashMap<>();
        for (SyncGroupRequestAssignment assignment : body.assignments()) {
            assignments.put(assignment.memberId(), Bytes.of(assignment.assignment()));
        }
        PendingAnswer<Synced, SyncGroupResponseData> pending = new PendingAnswer<>(
                request.loop(), Synced.class, SyncGroupHandler::response, SyncGroupHandler::refused, request::respond);
        Membership member = new Membership(body.generationId(), body.memberId(), body.groupInstanceId());
        calls.submit(
                body.groupId(),
                new Sync(pending, body.groupId(), member, body.protocolType(), body.protocolName(), assignments));
    }

    private static SyncGroupResponseData response(Synced synced) {
        return new SyncGroupResponseData()
                .setErrorCode(GroupErrors.code(synced.error()))
                .setProtocolType(synced.protocolType())
                .setProtocolName(synced.protocolName())
                .setAssignment(synced.assignment().array());
    }

    /** Clients do not expect that a coordinator is loading here, and end; asked to join again, they hear it there. */
    private static SyncGroupResponseData refused(BrokerError error) {
        boolean loading = error == BrokerError.COORDINATOR_LOADING;
        return response(Synced.refused(loading ? BrokerError.REBALANCE_IN_PROGRESS : error));
    }
}
