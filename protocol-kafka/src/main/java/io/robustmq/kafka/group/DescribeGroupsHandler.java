package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.DescribeGroup;
import io.robustmq.core.group.GroupReply.Described;
import io.robustmq.core.group.GroupReply.DescribedMember;
import io.robustmq.core.group.GroupState;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;

/** Groups in detail. */
final class DescribeGroupsHandler implements ApiHandler {
    private static final int FIRST_WITH_OPERATIONS = 3;
    private static final int FIRST_WITH_NOT_FOUND = 6;

    private final GroupCalls calls;

    DescribeGroupsHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeGroupsRequestData body = request.body(DescribeGroupsRequestData.class);
        List<String> groupIds = body.groups();
        boolean withOperations = body.includeAuthorizedOperations();
        Gathering<DescribedGroup> gathering = new Gathering<>(
                groupIds.size(), groups -> request.respond(new DescribeGroupsResponseData().setGroups(groups)));
        for (int i = 0; i < groupIds.size(); i++) {
            String groupId = groupIds.get(i);
            if (!calls.allowsGroup(request, Operation.DESCRIBE, groupId)) {
                gathering.put(i, refused(groupId, BrokerError.GROUP_AUTHORIZATION_FAILED));
                continue;
            }
            PendingAnswer<Described, DescribedGroup> pending = new PendingAnswer<>(
                    request.loop(),
                    Described.class,
                    described -> described(request, groupId, described, withOperations),
                    error -> refused(groupId, error),
                    gathering.part(i));
            calls.submit(groupId, new DescribeGroup(pending, groupId));
        }
    }

    private DescribedGroup described(
            KafkaRequest request, String groupId, Described described, boolean withOperations) {
        if (described.error() != BrokerError.NONE) {
            return notFound(request.version(), groupId, described.error());
        }
        List<DescribedGroupMember> members = new ArrayList<>(described.members().size());
        for (DescribedMember member : described.members()) {
            members.add(new DescribedGroupMember()
                    .setMemberId(member.memberId())
                    .setGroupInstanceId(member.instanceId())
                    .setClientId(member.client().id())
                    .setClientHost(member.client().host())
                    .setMemberMetadata(member.metadata().array())
                    .setMemberAssignment(member.assignment().array()));
        }
        DescribedGroup group = new DescribedGroup()
                .setGroupId(groupId)
                .setGroupState(described.state().text())
                .setProtocolType(described.protocolType())
                .setProtocolData(described.protocol())
                .setMembers(members);
        return withOperations && request.version() >= FIRST_WITH_OPERATIONS
                ? group.setAuthorizedOperations(operations(request, groupId))
                : group;
    }

    /** Old clients take a group that does not exist for a dead one. */
    private static DescribedGroup notFound(int version, String groupId, BrokerError error) {
        DescribedGroup dead = new DescribedGroup().setGroupId(groupId).setGroupState(GroupState.DEAD.text());
        return version < FIRST_WITH_NOT_FOUND
                ? dead
                : dead.setErrorCode(GroupErrors.code(error)).setErrorMessage("Group " + groupId + " not found.");
    }

    private static DescribedGroup refused(String groupId, BrokerError error) {
        return new DescribedGroup().setGroupId(groupId).setErrorCode(GroupErrors.code(error));
    }

    /** A bit for each operation on groups that the client may do, as Kafka numbers them. */
    private int operations(KafkaRequest request, String groupId) {
        int bits = 0;
        if (calls.mightGroup(request, Operation.READ, groupId)) {
            bits |= 1 << AclOperation.READ.code();
        }
        if (calls.mightGroup(request, Operation.DELETE, groupId)) {
            bits |= 1 << AclOperation.DELETE.code();
        }
        return bits | 1 << AclOperation.DESCRIBE.code();
    }
}
