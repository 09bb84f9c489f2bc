package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.Leave;
import io.robustmq.core.group.GroupCommand.Leaver;
import io.robustmq.core.group.GroupReply.LeaverOutcome;
import io.robustmq.core.group.GroupReply.Left;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;

/** Members leave, by themselves or removed by an admin. */
final class LeaveGroupHandler implements ApiHandler {
    private static final int FIRST_BATCHED_VERSION = 3;

    private final GroupCalls calls;

    LeaveGroupHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        LeaveGroupRequestData body = request.body(LeaveGroupRequestData.class);
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        boolean batched = request.version() >= FIRST_BATCHED_VERSION;
        List<Leaver> leavers = new ArrayList<>();
        if (batched) {
            for (MemberIdentity member : body.members()) {
                leavers.add(new Leaver(member.memberId(), member.groupInstanceId()));
            }
        } else {
            leavers.add(new Leaver(body.memberId(), null));
        }
        PendingAnswer<Left, LeaveGroupResponseData> pending = new PendingAnswer<>(
                request.loop(),
                Left.class,
                left -> batched ? response(left) : refused(left.leavers().get(0).error()),
                LeaveGroupHandler::refused,
                request::respond);
        calls.submit(body.groupId(), new Leave(pending, body.groupId(), leavers));
    }

    private static LeaveGroupResponseData response(Left left) {
        List<MemberResponse> members = new ArrayList<>(left.leavers().size());
        for (LeaverOutcome leaver : left.leavers()) {
            members.add(new MemberResponse()
                    .setMemberId(leaver.memberId())
                    .setGroupInstanceId(leaver.instanceId())
                    .setErrorCode(GroupErrors.code(leaver.error())));
        }
        return new LeaveGroupResponseData().setMembers(members);
    }

    /** Also the whole answer of the versions in which one member leaves. */
    private static LeaveGroupResponseData refused(BrokerError error) {
        return new LeaveGroupResponseData().setErrorCode(GroupErrors.code(error));
    }
}
