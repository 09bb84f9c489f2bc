package io.robustmq.core.group;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.Heartbeat;
import io.robustmq.core.group.GroupCommand.Leave;
import io.robustmq.core.group.GroupCommand.Leaver;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.Sync;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.LeaverOutcome;
import io.robustmq.core.group.GroupReply.Left;
import io.robustmq.core.group.GroupReply.Synced;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What members do between their join and their end: fetch their assignment, prove that they live, leave, or are lost. */
final class Sessions {
    private final GroupConfig config;
    private final Deadlines<Group> deadlines;
    private final Rebalance rebalance;

    Sessions(GroupConfig config, Deadlines<Group> deadlines, Rebalance rebalance) {
        this.config = config;
        this.deadlines = deadlines;
        this.rebalance = rebalance;
    }

    void sync(Group group, Sync sync, long nowMs, Draft draft) {
        Membership who = sync.member();
        BrokerError error = check(group, who);
        Member member = group.members.get(who.memberId());
        if (error == BrokerError.NONE && disagrees(group, sync)) {
            error = BrokerError.INCONSISTENT_GROUP_PROTOCOL;
        }
        if (error == BrokerError.NONE && group.state == GroupState.PREPARING_REBALANCE) {
            error = BrokerError.REBALANCE_IN_PROGRESS;
        }
        if (error != BrokerError.NONE || member == null) {
            draft.answer(sync.requester(), Synced.refused(error));
            return;
        }
        group.pendingSync.remove(member.id);
        rebalance.touch(group, member, nowMs);
        if (group.state == GroupState.STABLE) {
            draft.answer(sync.requester(), synced(group, member));
            return;
        }
        Requester before = member.awaitingSync;
        if (before != null) {
            draft.answer(before, Synced.refused(BrokerError.REBALANCE_IN_PROGRESS));
        }
        member.awaitingSync = sync.requester();
        if (group.isLeader(member.id)) {
            assign(group, sync, nowMs, draft);
        }
    }

    private void assign(Group group, Sync sync, long nowMs, Draft draft) {
        long bytes = 0;
        for (Member member : group.members.values()) {
            member.assignment = sync.assignments().getOrDefault(member.id, Bytes.EMPTY);
            bytes += member.assignment.size()
                    + member.metadata(group.protocolName).size()
                    + 256;
        }
        if (bytes > config.groupBytesMax()) {
            for (Member member : group.members.values()) {
                rebalance.refuseWaiting(member, BrokerError.MESSAGE_TOO_LARGE, draft);
            }
            return;
        }
        group.become(GroupState.STABLE, nowMs);
        draft.log(new GroupChanged(group.id, group.snapshot()));
        for (Member member : group.members.values()) {
            Requester waiting = member.awaitingSync;
            if (waiting != null) {
                member.awaitingSync = null;
                rebalance.touch(group, member, nowMs);
                draft.answer(waiting, synced(group, member));
            }
        }
        if (group.pendingSync.isEmpty()) {
            group.syncDeadlineMs = Decider.NEVER;
        }
    }

    private static Synced synced(Group group, Member member) {
        return new Synced(BrokerError.NONE, group.protocolType, group.protocolName, member.assignment);
    }

    private static boolean disagrees(Group group, Sync sync) {
        String type = sync.protocolType();
        String name = sync.protocolName();
        return (type != null && !type.equals(group.protocolType)) || (name != null && !name.equals(group.protocolName));
    }

    void heartbeat(Group group, Heartbeat heartbeat, long nowMs, Draft draft) {
        BrokerError error = check(group, heartbeat.member());
        Member member = group.members.get(heartbeat.member().memberId());
        if (error == BrokerError.NONE && member != null) {
            rebalance.touch(group, member, nowMs);
            if (group.state == GroupState.PREPARING_REBALANCE) {
                error = BrokerError.REBALANCE_IN_PROGRESS;
            }
        }
        draft.answer(heartbeat.requester(), new Done(error));
    }

    /** A member of the present generation, by all that it says of itself. */
    private static BrokerError check(Group group, Membership who) {
        BrokerError error = group.check(who.memberId(), who.instanceId());
        if (error == BrokerError.NONE && who.generation() != group.generation) {
            return BrokerError.ILLEGAL_GENERATION;
        }
        return error;
    }

    void leave(@Nullable Group group, Leave leave, long nowMs, Draft draft) {
        List<LeaverOutcome> outcomes = new ArrayList<>(leave.leavers().size());
        List<Member> gone = new ArrayList<>();
        for (Leaver leaver : leave.leavers()) {
            BrokerError error = group == null ? BrokerError.UNKNOWN_MEMBER_ID : remove(group, leaver, gone);
            outcomes.add(new LeaverOutcome(leaver.memberId(), leaver.instanceId(), error));
        }
        if (group != null) {
            rebalance.remove(group, gone, nowMs, draft);
        }
        draft.answer(leave.requester(), new Left(outcomes));
    }

    private static BrokerError remove(Group group, Leaver leaver, List<Member> gone) {
        String instanceId = leaver.instanceId();
        String memberId = leaver.memberId();
        if (memberId.isEmpty() && instanceId != null) {
            memberId = group.staticMembers.getOrDefault(instanceId, "");
        } else if (instanceId == null && group.pendingMembers.remove(memberId) != null) {
            return BrokerError.NONE;
        }
        BrokerError error = group.check(memberId, instanceId);
        Member member = group.members.get(memberId);
        if (error == BrokerError.NONE && member != null && !gone.contains(member)) {
            gone.add(member);
        }
        return error;
    }

    /** Does all that is due in the group, and asks to be woken for the rest. */
    void expire(Group group, long nowMs, Draft draft) {
        group.pendingMembers.values().removeIf(until -> until <= nowMs);
        List<Member> gone = new ArrayList<>();
        boolean syncOverdue = group.syncDeadlineMs <= nowMs;
        for (Member member : group.members.values()) {
            if (syncOverdue && group.pendingSync.contains(member.id)) {
                gone.add(member);
            } else if (member.deadlineMs <= nowMs) {
                if (member.isWaiting() && !member.isNew) {
                    member.deadlineMs = nowMs + member.terms.sessionTimeoutMs();
                } else {
                    gone.add(member);
                }
            }
        }
        if (syncOverdue) {
            group.syncDeadlineMs = Decider.NEVER;
        }
        rebalance.remove(group, gone, nowMs, draft);
        if (group.state == GroupState.PREPARING_REBALANCE && group.rebalanceDeadlineMs <= nowMs) {
            rebalance.onDeadline(group, nowMs, draft);
        }
        deadlines.want(group, group.nextDeadlineMs());
    }
}
