package io.robustmq.core.group;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupReply.Joined;
import java.util.List;

/** Who may join a group, and under which id. Owned by the coordinator's loop. */
final class Joins {
    /** How long a member may be parked in its first join; nobody knows whether it still waits. */
    private static final long FIRST_JOIN_MAX_MS = 300_000;

    private final GroupConfig config;
    private final Deadlines<Group> deadlines;
    private final Rebalance rebalance;

    Joins(GroupConfig config, Deadlines<Group> deadlines, Rebalance rebalance) {
        this.config = config;
        this.deadlines = deadlines;
        this.rebalance = rebalance;
    }

    void join(Group group, Join join, long nowMs, Draft draft) {
        if (!group.supports(join.terms())) {
            refuse(join, BrokerError.INCONSISTENT_GROUP_PROTOCOL, draft);
        } else if (!accepts(group, join.memberId())) {
            refuse(join, BrokerError.GROUP_MAX_SIZE_REACHED, draft);
            Member member = group.members.get(join.memberId());
            if (member != null) {
                rebalance.remove(group, List.of(member), nowMs, draft);
            }
        } else if (join.memberId().isEmpty()) {
            joinAsNew(group, join, nowMs, draft);
        } else {
            joinAsKnown(group, join, nowMs, draft);
        }
    }

    private boolean accepts(Group group, String memberId) {
        Member member = group.members.get(memberId);
        int max = config.membersMax();
        return switch (group.state) {
            case EMPTY, DEAD -> group.pendingMembers.size() < max || group.pendingMembers.containsKey(memberId);
            case PREPARING_REBALANCE ->
                (member != null && member.awaitingJoin != null) || group.awaitingJoinCount() < max;
            case COMPLETING_REBALANCE, STABLE ->
                member != null || group.members.size() + (memberId.isEmpty() ? group.pendingMembers.size() : 0) < max;
        };
    }

    private void joinAsNew(Group group, Join join, long nowMs, Draft draft) {
        String freshId = join.options().freshMemberId();
        String instanceId = join.instanceId();
        if (instanceId != null) {
            String oldId = group.staticMembers.get(instanceId);
            if (oldId == null) {
                add(group, join, freshId, nowMs, draft);
            } else {
                replace(group, join, oldId, freshId, nowMs, draft);
            }
        } else if (join.options().memberIdRequired()) {
            long until = nowMs + join.terms().sessionTimeoutMs();
            group.pendingMembers.put(freshId, until);
            deadlines.want(group, until);
            draft.answer(join.requester(), Joined.refused(BrokerError.MEMBER_ID_REQUIRED, freshId));
        } else {
            add(group, join, freshId, nowMs, draft);
        }
    }

    private void joinAsKnown(Group group, Join join, long nowMs, Draft draft) {
        if (join.instanceId() == null && group.pendingMembers.remove(join.memberId()) != null) {
            add(group, join, join.memberId(), nowMs, draft);
            return;
        }
        BrokerError error = group.check(join.memberId(), join.instanceId());
        Member member = group.members.get(join.memberId());
        if (error != BrokerError.NONE || member == null) {
            refuse(join, error == BrokerError.NONE ? BrokerError.UNKNOWN_MEMBER_ID : error, draft);
            return;
        }
        boolean unchanged = member.hasProtocols(join.terms().protocols());
        switch (group.state) {
            case PREPARING_REBALANCE -> update(group, member, join, nowMs, draft);
            case COMPLETING_REBALANCE -> {
                if (unchanged) {
                    // It did not get the answer to its join.
                    rebalance.touch(group, member, nowMs);
                    draft.answer(join.requester(), rebalance.joined(group, member));
                } else {
                    update(group, member, join, nowMs, draft);
                }
            }
            case STABLE -> {
                if (unchanged && !group.isLeader(member.id)) {
                    rebalance.touch(group, member, nowMs);
                    draft.answer(join.requester(), rebalance.joined(group, member));
                } else {
                    update(group, member, join, nowMs, draft);
                }
            }
            case EMPTY, DEAD -> refuse(join, BrokerError.UNKNOWN_MEMBER_ID, draft);
        }
    }

    private void add(Group group, Join join, String memberId, long nowMs, Draft draft) {
        Member member = new Member(memberId, join.instanceId(), join.client(), join.terms());
        member.awaitingJoin = join.requester();
        member.deadlineMs = nowMs + Math.max(FIRST_JOIN_MAX_MS, join.terms().sessionTimeoutMs());
        deadlines.want(group, member.deadlineMs);
        group.add(member);
        if (group.initialDelay) {
            group.latecomer = true;
        }
        rebalance.start(group, nowMs, draft);
    }

    private void update(Group group, Member member, Join join, long nowMs, Draft draft) {
        Requester before = member.awaitingJoin;
        if (before != null) {
            draft.answer(before, Joined.refused(BrokerError.REBALANCE_IN_PROGRESS, member.id));
        }
        member.terms = join.terms();
        member.client = join.client();
        member.awaitingJoin = join.requester();
        rebalance.touch(group, member, nowMs);
        if (member.isNew) {
            member.deadlineMs = nowMs + Math.max(FIRST_JOIN_MAX_MS, join.terms().sessionTimeoutMs());
        }
        rebalance.start(group, nowMs, draft);
    }

    /** A static member came back without its id, from a restart: it takes the place of what it was, which is fenced. */
    private void replace(Group group, Join join, String oldId, String freshId, long nowMs, Draft draft) {
        Member old = group.members.get(oldId);
        if (old == null) {
            throw new AssertionError("static member " + oldId + " is no member of group " + group.id);
        }
        String leaderBefore = group.leader;
        rebalance.refuseWaiting(old, BrokerError.FENCED_INSTANCE_ID, draft);
        Member fresh = new Member(freshId, join.instanceId(), join.client(), join.terms());
        fresh.assignment = old.assignment;
        fresh.isNew = old.isNew;
        swap(group, old, fresh);
        rebalance.touch(group, fresh, nowMs);
        String protocol = group.protocolName;
        if (group.state == GroupState.STABLE && group.selectProtocol().equals(protocol)) {
            group.subscribedTopics = Subscriptions.topicsOf(group);
            draft.log(new GroupChanged(group.id, group.snapshot()));
            draft.answer(join.requester(), rejoined(group, fresh, join, String.valueOf(leaderBefore)));
        } else {
            fresh.awaitingJoin = join.requester();
            rebalance.start(group, nowMs, draft);
        }
    }

    private static void swap(Group group, Member old, Member fresh) {
        boolean led = group.isLeader(old.id);
        boolean syncPending = group.pendingSync.contains(old.id);
        group.remove(old);
        group.add(fresh);
        if (led) {
            group.leader = fresh.id;
        }
        if (syncPending) {
            group.pendingSync.add(fresh.id);
        }
    }

    /**
     * Nothing changed but a member id. A leader that can be told so skips the assignment; one that cannot is shown the
     * old leader's id, so that it believes to be a follower (KIP-814).
     */
    private static Joined rejoined(Group group, Member member, Join join, String leaderBefore) {
        boolean skips = join.options().skipsAssignment();
        boolean leads = skips && group.isLeader(member.id);
        return new Joined(
                BrokerError.NONE,
                group.generation,
                group.protocolType,
                group.protocolName,
                skips ? String.valueOf(group.leader) : leaderBefore,
                leads,
                member.id,
                leads ? group.joinedMembers() : List.of());
    }

    static void refuse(Join join, BrokerError error, Draft draft) {
        draft.answer(join.requester(), Joined.refused(error, join.memberId()));
    }
}
