package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CheckShareGroup;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.DeleteGroup;
import io.robustmq.core.group.GroupCommand.DescribeShareGroup;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupCommand.ReportToGroup;
import io.robustmq.core.group.GroupCommand.ReportToShareGroup;
import io.robustmq.core.group.GroupFact.ShareGroupFact;
import io.robustmq.core.group.GroupReply.ConsumerDescribed;
import io.robustmq.core.group.GroupReply.DescribedConsumer;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.GroupSummary;
import io.robustmq.core.group.GroupReply.Reported;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerGroup;
import io.robustmq.core.group.consumer.ConsumerGroups;
import io.robustmq.core.group.consumer.ConsumerHeartbeat;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.Heartbeats;
import io.robustmq.core.group.consumer.Ledger;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.Rounds;
import io.robustmq.core.group.consumer.SimpleAssignor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Share groups (KIP-932): who is a member, and which partitions it reads together with others. Members and rounds are those
 * of the consumer protocol, but that nobody has a partition for itself. Owned by the coordinator's loop.
 */
final class ShareGroupMachine {
    private static final String PROTOCOL = "share";
    private static final String EMPTY = "Empty";
    private static final String STABLE = "Stable";

    private final GroupConfig config;
    private final ConsumerGroups groups;
    private final Heartbeats heartbeats;
    /** How many groups of other types there are: all of them, or with this id. */
    private final ToIntFunction<@Nullable String> others;

    ShareGroupMachine(GroupConfig config, ToIntFunction<@Nullable String> others) {
        this.config = config;
        this.others = others;
        this.groups = new ConsumerGroups(config.share());
        this.heartbeats = new Heartbeats(groups, Rounds.shared(groups), config.shareMembersMax());
    }

    /** False if the command does not concern a share group, or not such groups alone. */
    boolean decide(GroupCommand command, long nowMs, Draft draft) {
        if (command instanceof ReportToShareGroup report) {
            draft.answer(report.requester(), new Reported(report(report.heartbeat(), nowMs, draft)));
            return true;
        }
        if (command instanceof DescribeShareGroup describe) {
            draft.answer(describe.requester(), described(groups.find(describe.groupId())));
            return true;
        }
        if (command instanceof CheckShareGroup check) {
            draft.answer(check.requester(), new Done(check(check)));
            return true;
        }
        String groupId = command.groupId();
        ConsumerGroup group = groupId == null ? null : groups.find(groupId);
        return group != null && decide(group, command, draft);
    }

    /** What other protocols want of an id that is a share group's. */
    private boolean decide(ConsumerGroup group, GroupCommand command, Draft draft) {
        if (command instanceof DeleteGroup delete) {
            draft.answer(delete.requester(), new Done(delete(group, draft)));
        } else if (command instanceof ReportToGroup report) {
            draft.answer(
                    report.requester(),
                    new Reported(HeartbeatResult.refused(
                            BrokerError.GROUP_ID_NOT_FOUND, "Group " + group.id() + " is not a consumer group.")));
        } else if (command instanceof Join join) {
            Joins.refuse(join, BrokerError.INCONSISTENT_GROUP_PROTOCOL, draft);
        } else if (command instanceof CommitOffsets commit) {
            Offsets.refuse(commit, BrokerError.GROUP_ID_NOT_FOUND, draft);
        } else if (command instanceof CommitTxnOffsets commit) {
            TxnOffsets.refuse(commit, BrokerError.GROUP_ID_NOT_FOUND, draft);
        } else {
            return false;
        }
        return true;
    }

    private HeartbeatResult report(ConsumerHeartbeat heartbeat, long nowMs, Draft draft) {
        String complaint = complaint(heartbeat);
        if (!complaint.isEmpty()) {
            return HeartbeatResult.refused(BrokerError.INVALID_REQUEST, complaint);
        }
        if (groups.find(heartbeat.groupId()) == null) {
            if (others.applyAsInt(heartbeat.groupId()) > 0) {
                return HeartbeatResult.refused(
                        BrokerError.GROUP_ID_NOT_FOUND, "Group " + heartbeat.groupId() + " is not a share group.");
            }
            if (groups.count() + others.applyAsInt(null) >= config.groupsMax()) {
                return HeartbeatResult.refused(
                        BrokerError.GROUP_MAX_SIZE_REACHED, "There are too many groups already.");
            }
        }
        Ledger ledger = ledger(draft);
        return heartbeats.heartbeat(heartbeat, nowMs, ledger, (group, gone) -> groups.remove(group, gone, ledger));
    }

    private String complaint(ConsumerHeartbeat heartbeat) {
        String rackId = heartbeat.wishes().rackId();
        if (heartbeat.groupId().isEmpty() || heartbeat.memberId().isEmpty()) {
            return "GroupId and MemberId can't be empty.";
        }
        if (rackId != null && rackId.isEmpty()) {
            return "RackId can't be empty.";
        }
        if (heartbeat.memberEpoch() < ConsumerHeartbeat.LEAVES) {
            return "MemberEpoch is invalid.";
        }
        if (heartbeat.memberEpoch() == 0 && heartbeat.wishes().topicNames() == null) {
            return "SubscribedTopicNames must be set in first request.";
        }
        return heartbeat.wishes().size() > config.groupBytesMax() ? "The subscription is too large." : "";
    }

    private BrokerError check(CheckShareGroup check) {
        ConsumerGroup group = groups.find(check.groupId());
        if (group == null) {
            return BrokerError.GROUP_ID_NOT_FOUND;
        }
        return check.mustBeEmpty() && !group.members().isEmpty() ? BrokerError.NON_EMPTY_GROUP : BrokerError.NONE;
    }

    private BrokerError delete(ConsumerGroup group, Draft draft) {
        if (!group.members().isEmpty()) {
            return BrokerError.NON_EMPTY_GROUP;
        }
        groups.delete(group, ledger(draft));
        return BrokerError.NONE;
    }

    private Ledger ledger(Draft draft) {
        return new Ledger(groups, fact -> draft.log(new ShareGroupFact(fact)));
    }

    private static ConsumerDescribed described(@Nullable ConsumerGroup group) {
        if (group == null) {
            return new ConsumerDescribed(BrokerError.GROUP_ID_NOT_FOUND, "", 0, 0, "", List.of());
        }
        List<DescribedConsumer> members = new ArrayList<>(group.members().size());
        for (ConsumerMember member : group.members()) {
            MemberAssignment has = group.assignment(member.memberId());
            members.add(new DescribedConsumer(member, has.epoch(), has.assigned(), group.target(member.memberId())));
        }
        return new ConsumerDescribed(
                BrokerError.NONE, state(group), group.epoch(), group.targetEpoch(), SimpleAssignor.NAME, members);
    }

    /** Nobody waits for anybody, so there is nothing between the two. */
    private static String state(ConsumerGroup group) {
        return group.members().isEmpty() ? EMPTY : STABLE;
    }

    void list(List<GroupSummary> listed) {
        for (ConsumerGroup group : groups.all()) {
            listed.add(new GroupSummary(group.id(), PROTOCOL, GroupType.SHARE, state(group)));
        }
    }

    void tick(long nowMs, Draft draft) {
        Ledger ledger = ledger(draft);
        groups.expire(nowMs, (group, gone) -> groups.remove(group, gone, ledger));
    }

    void apply(ConsumerFact fact) {
        groups.apply(fact);
    }

    void activated(long nowMs) {
        groups.activated(nowMs);
    }

    boolean has(String groupId) {
        return groups.find(groupId) != null;
    }

    boolean isEmpty() {
        return groups.count() == 0;
    }

    long nextDeadlineMs() {
        return groups.nextDeadlineMs();
    }

    ConsumerGroups groups() {
        return groups;
    }
}
