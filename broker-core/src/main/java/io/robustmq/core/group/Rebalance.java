package io.robustmq.core.group;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.Synced;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a group from one generation to the next: gathers the members, then names leader, protocol and generation.
 * Stateless but for the deadlines; owned by the coordinator's loop.
 */
final class Rebalance {
    private final GroupConfig config;
    private final Deadlines<Group> deadlines;

    Rebalance(GroupConfig config, Deadlines<Group> deadlines) {
        this.config = config;
        this.deadlines = deadlines;
    }

    /** The members changed, or one of them wants a new generation. */
    void start(Group group, long nowMs, Draft draft) {
        if (group.state == GroupState.PREPARING_REBALANCE) {
            completeIfAllJoined(group, nowMs, draft);
            return;
        }
        if (group.state == GroupState.COMPLETING_REBALANCE) {
            refuseSyncs(group, draft);
        }
        group.pendingSync.clear();
        group.syncDeadlineMs = Decider.NEVER;
        group.latecomer = false;
        group.initialDelay = group.state == GroupState.EMPTY && config.initialRebalanceDelayMs() > 0;
        group.become(GroupState.PREPARING_REBALANCE, nowMs);
        int timeoutMs = group.rebalanceTimeoutMs();
        int waitMs = group.initialDelay ? config.initialRebalanceDelayMs() : timeoutMs;
        group.initialDelayLeftMs = Math.max(0, timeoutMs - waitMs);
        wait(group, nowMs + waitMs);
        completeIfAllJoined(group, nowMs, draft);
    }

    void completeIfAllJoined(Group group, long nowMs, Draft draft) {
        if (group.state == GroupState.PREPARING_REBALANCE && !group.initialDelay && group.allJoined()) {
            complete(group, nowMs, draft);
        }
    }

    void onDeadline(Group group, long nowMs, Draft draft) {
        if (group.initialDelay && group.latecomer && group.initialDelayLeftMs > 0) {
            long waitMs = Math.min(config.initialRebalanceDelayMs(), group.initialDelayLeftMs);
            group.latecomer = false;
            group.initialDelayLeftMs -= waitMs;
            wait(group, nowMs + waitMs);
        } else {
            complete(group, nowMs, draft);
        }
    }

    private void complete(Group group, long nowMs, Draft draft) {
        for (Member member : List.copyOf(group.members.values())) {
            if (member.awaitingJoin == null && !member.isStatic()) {
                group.remove(member);
            }
        }
        if (!group.electJoinedLeader() && !group.members.isEmpty()) {
            // Only static members that are away: wait until they come back or their sessions end.
            group.initialDelay = false;
            wait(group, nowMs + Math.max(1, group.rebalanceTimeoutMs()));
            return;
        }
        group.initialDelay = false;
        group.rebalanceDeadlineMs = Decider.NEVER;
        group.generation++;
        if (group.members.isEmpty()) {
            group.protocolName = null;
            group.leader = null;
            group.subscribedTopics = null;
            group.become(GroupState.EMPTY, nowMs);
            draft.log(new GroupChanged(group.id, group.snapshot()));
        } else {
            beginGeneration(group, nowMs, draft);
        }
    }

    private void beginGeneration(Group group, long nowMs, Draft draft) {
        group.protocolName = group.selectProtocol();
        group.subscribedTopics = Subscriptions.topicsOf(group);
        group.become(GroupState.COMPLETING_REBALANCE, nowMs);
        group.syncDeadlineMs = nowMs + group.rebalanceTimeoutMs();
        deadlines.want(group, group.syncDeadlineMs);
        for (Member member : group.members.values()) {
            member.assignment = Bytes.EMPTY;
            member.isNew = false;
            group.pendingSync.add(member.id);
            touch(group, member, nowMs);
            Requester waiting = member.awaitingJoin;
            if (waiting != null) {
                member.awaitingJoin = null;
                draft.answer(waiting, joined(group, member));
            }
        }
    }

    /** The present generation, as the member is told of it. */
    Joined joined(Group group, Member member) {
        return new Joined(
                BrokerError.NONE,
                group.generation,
                group.protocolType,
                group.protocolName,
                String.valueOf(group.leader),
                false,
                member.id,
                group.isLeader(member.id) ? group.joinedMembers() : List.of());
    }

    /** The member lives: its session begins anew. */
    void touch(Group group, Member member, long nowMs) {
        member.deadlineMs = nowMs + member.terms.sessionTimeoutMs();
        deadlines.want(group, member.deadlineMs);
    }

    /** Takes the members out, tells those of them who wait, and lets the others find a new generation. */
    void remove(Group group, List<Member> gone, long nowMs, Draft draft) {
        if (gone.isEmpty()) {
            // Someone who was waited for may have given up.
            completeIfAllJoined(group, nowMs, draft);
            return;
        }
        for (Member member : new ArrayList<>(gone)) {
            group.remove(member);
            refuseWaiting(member, BrokerError.UNKNOWN_MEMBER_ID, draft);
        }
        switch (group.state) {
            case STABLE, COMPLETING_REBALANCE -> start(group, nowMs, draft);
            case PREPARING_REBALANCE -> completeIfAllJoined(group, nowMs, draft);
            case EMPTY, DEAD -> {}
        }
    }

    void refuseWaiting(Member member, BrokerError error, Draft draft) {
        Requester joining = member.awaitingJoin;
        Requester syncing = member.awaitingSync;
        member.awaitingJoin = null;
        member.awaitingSync = null;
        if (joining != null) {
            draft.answer(joining, Joined.refused(error, member.id));
        }
        if (syncing != null) {
            draft.answer(syncing, Synced.refused(error));
        }
    }

    private void refuseSyncs(Group group, Draft draft) {
        for (Member member : group.members.values()) {
            Requester syncing = member.awaitingSync;
            member.awaitingSync = null;
            member.assignment = Bytes.EMPTY;
            if (syncing != null) {
                draft.answer(syncing, Synced.refused(BrokerError.REBALANCE_IN_PROGRESS));
            }
        }
    }

    private void wait(Group group, long untilMs) {
        group.rebalanceDeadlineMs = untilMs;
        deadlines.want(group, untilMs);
    }
}
