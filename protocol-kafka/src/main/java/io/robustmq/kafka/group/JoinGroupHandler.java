package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.Bytes;
import io.robustmq.core.group.GroupCommand.Client;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupCommand.JoinOptions;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupCommand.MemberTerms;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.JoinedMember;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;

/** A member enters a group; the answer may take as long as the rebalance does. */
final class JoinGroupHandler implements ApiHandler {
    private static final int FIRST_WITH_MEMBER_ID_REQUIRED = 4;
    private static final int FIRST_WITH_NULLABLE_PROTOCOL = 7;
    private static final int FIRST_WITH_SKIPPED_ASSIGNMENT = 9;

    private final GroupCalls calls;

    JoinGroupHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        JoinGroupRequestData body = request.body(JoinGroupRequestData.class);
        int version = request.version();
        String memberId = body.memberId();
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(response(version, Joined.refused(BrokerError.GROUP_AUTHORIZATION_FAILED, memberId)));
            return;
        }
        PendingAnswer<Joined, JoinGroupResponseData> pending = new PendingAnswer<>(
                request.loop(),
                Joined.class,
                joined -> response(version, joined),
                error -> response(version, Joined.refused(error, memberId)),
                request::respond);
        String instanceId = body.groupInstanceId();
        JoinOptions options = new JoinOptions(
                version >= FIRST_WITH_MEMBER_ID_REQUIRED && instanceId == null,
                version >= FIRST_WITH_SKIPPED_ASSIGNMENT,
                (instanceId == null ? request.clientId() : instanceId) + "-" + UUID.randomUUID());
        Client client = new Client(request.clientId(), GroupCalls.host(request));
        calls.submit(
                body.groupId(),
                new Join(pending, body.groupId(), memberId, instanceId, client, terms(body), options, calls.image()));
    }

    private static MemberTerms terms(JoinGroupRequestData body) {
        List<JoinProtocol> protocols = new ArrayList<>(body.protocols().size());
        for (JoinGroupRequestProtocol protocol : body.protocols()) {
            protocols.add(new JoinProtocol(protocol.name(), Bytes.of(protocol.metadata())));
        }
        // The first version has no rebalance timeout: the session's serves for both.
        int rebalanceTimeoutMs = body.rebalanceTimeoutMs() < 0 ? body.sessionTimeoutMs() : body.rebalanceTimeoutMs();
        return new MemberTerms(rebalanceTimeoutMs, body.sessionTimeoutMs(), body.protocolType(), protocols);
    }

    private static JoinGroupResponseData response(int version, Joined joined) {
        List<JoinGroupResponseMember> members = new ArrayList<>(joined.members().size());
        for (JoinedMember member : joined.members()) {
            members.add(new JoinGroupResponseMember()
                    .setMemberId(member.memberId())
                    .setGroupInstanceId(member.instanceId())
                    .setMetadata(member.metadata().array()));
        }
        String protocolName = joined.protocolName();
        JoinGroupResponseData response = new JoinGroupResponseData()
                .setErrorCode(GroupErrors.code(joined.error()))
                .setGenerationId(joined.generation())
                .setProtocolType(joined.protocolType())
                .setProtocolName(protocolName == null && version < FIRST_WITH_NULLABLE_PROTOCOL ? "" : protocolName)
                .setLeader(joined.leader())
                .setMemberId(joined.memberId())
                .setMembers(members);
        if (version >= FIRST_WITH_SKIPPED_ASSIGNMENT) {
            response.setSkipAssignment(joined.skipAssignment());
        }
        return response;
    }
}
