package io.robustmq.core.group;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.DeleteGroup;
import io.robustmq.core.group.GroupCommand.DeleteOffsets;
import io.robustmq.core.group.GroupCommand.DescribeGroup;
import io.robustmq.core.group.GroupCommand.EndOffsets;
import io.robustmq.core.group.GroupCommand.FetchOffsets;
import io.robustmq.core.group.GroupCommand.ForgetTopics;
import io.robustmq.core.group.GroupCommand.GiveUpVerification;
import io.robustmq.core.group.GroupCommand.Heartbeat;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupCommand.Leave;
import io.robustmq.core.group.GroupCommand.ListGroups;
import io.robustmq.core.group.GroupCommand.Sync;
import io.robustmq.core.group.GroupCommand.Tick;
import io.robustmq.core.group.GroupFact.ConsumerGroupFact;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupFact.GroupRemoved;
import io.robustmq.core.group.GroupFact.GroupSnapshot;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFact.OffsetPending;
import io.robustmq.core.group.GroupFact.OffsetRemoved;
import io.robustmq.core.group.GroupFact.PendingDropped;
import io.robustmq.core.group.GroupFact.ShareGroupFact;
import io.robustmq.core.group.GroupReply.Described;
import io.robustmq.core.group.GroupReply.DescribedMember;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.GroupSummary;
import io.robustmq.core.group.GroupReply.Listed;
import io.robustmq.core.group.GroupReply.Refused;
import io.robustmq.core.group.GroupReply.Synced;
import io.robustmq.core.group.consumer.ConsumerGroups;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All groups of one partition of {@code __consumer_offsets}. Owned by the coordinator's loop.
 *
 * <p>What is durable ({@link #saved}, {@link #offsets}) changes in {@link #apply} alone. The groups themselves change while
 * a command is decided; the runtime lets nobody see that before the facts are committed, and when that fails drops this
 * machine and builds another from the log.
 */
public final class GroupMachine implements Decider<GroupCommand, GroupFact, GroupEffect> {
    private final GroupConfig config;
    private final Deadlines<Group> deadlines = new Deadlines<>();
    private final Rebalance rebalance;
    private final Joins joins;
    private final Sessions sessions;
    private final Offsets offsets;
    private final Map<String, GroupSnapshot> saved = new HashMap<>();
    private final Map<String, Group> groups = new HashMap<>();
    private final ConsumerGroupMachine consumers;
    private final ShareGroupMachine shares;
    private long offsetsCheckAtMs;

    public GroupMachine(GroupConfig config) {
        this.config = config;
        this.rebalance = new Rebalance(config, deadlines);
        this.joins = new Joins(config, deadlines, rebalance);
        this.sessions = new Sessions(config, deadlines, rebalance);
        this.offsets = new Offsets(config, rebalance);
        this.consumers = new ConsumerGroupMachine(config, rebalance, offsets, groups);
        this.shares = new ShareGroupMachine(config, this::otherThanShareGroups);
    }

    @Override
    public Decision<GroupFact, GroupEffect> decide(GroupCommand command, long nowMs) {
        Draft draft = new Draft();
        if (!shares.decide(command, nowMs, draft) && !consumers.decide(command, nowMs, draft)) {
            decide(command, nowMs, draft);
        }
        return draft.decision();
    }

    /** All groups, or those with the id. */
    private int otherThanShareGroups(@Nullable String groupId) {
        if (groupId == null) {
            return groups.size() + consumers.groups().count();
        }
        return groups.containsKey(groupId) || consumers.has(groupId) ? 1 : 0;
    }

    private void decide(GroupCommand command, long nowMs, Draft draft) {
        if (command instanceof Heartbeat heartbeat) {
            heartbeat(heartbeat, nowMs, draft);
        } else if (command instanceof CommitOffsets commit) {
            commit(commit, nowMs, draft);
        } else if (command instanceof FetchOffsets fetch) {
            offsets.fetch(fetch, draft);
        } else if (command instanceof CommitTxnOffsets commit) {
            commit(commit, nowMs, draft);
        } else if (command instanceof EndOffsets end) {
            offsets.transactional.end(end, draft);
        } else if (command instanceof GiveUpVerification given) {
            offsets.transactional.giveUp(given.producerId(), given.verification());
        } else if (command instanceof Join join) {
            join(join, nowMs, draft);
        } else if (command instanceof Sync sync) {
            sync(sync, nowMs, draft);
        } else if (command instanceof Leave leave) {
            Group group = groups.get(leave.groupId());
            sessions.leave(group, leave, nowMs, draft);
            dropIfUnused(group);
        } else if (command instanceof DescribeGroup describe) {
            describe(describe, draft);
        } else if (command instanceof ListGroups list) {
            list(list, draft);
        } else if (command instanceof DeleteGroup delete) {
            delete(delete, draft);
        } else if (command instanceof DeleteOffsets delete) {
            deleteOffsets(delete, draft);
        } else if (command instanceof ForgetTopics forget) {
            offsets.forget(forget.topicIds(), draft);
        } else if (command instanceof Tick) {
            tick(nowMs, draft);
        } else {
            throw new AssertionError(command);
        }
    }

    private void join(Join join, long nowMs, Draft draft) {
        int sessionMs = join.terms().sessionTimeoutMs();
        if (join.groupId().isEmpty()) {
            Joins.refuse(join, BrokerError.INVALID_GROUP_ID, draft);
        } else if (sessionMs < config.sessionTimeoutMinMs() || sessionMs > config.sessionTimeoutMaxMs()) {
            Joins.refuse(join, BrokerError.INVALID_SESSION_TIMEOUT, draft);
        } else if (!consumers.join(join, nowMs, draft)) {
            joinClassic(join, nowMs, draft);
        }
    }

    private void joinClassic(Join join, long nowMs, Draft draft) {
        Group group = groups.get(join.groupId());
        if (group == null && !join.memberId().isEmpty()) {
            Joins.refuse(join, BrokerError.UNKNOWN_MEMBER_ID, draft);
        } else if (group == null && groups.size() >= config.groupsMax()) {
            Joins.refuse(join, BrokerError.GROUP_MAX_SIZE_REACHED, draft);
        } else {
            Group joined = group == null ? create(join.groupId()) : group;
            joins.join(joined, join, nowMs, draft);
            dropIfUnused(joined);
        }
    }

    private Group create(String groupId) {
        Group group = new Group(groupId);
        groups.put(groupId, group);
        return group;
    }

    /** A group that nothing was ever logged of leaves no trace. */
    private void dropIfUnused(@Nullable Group group) {
        if (group != null && group.isUnused() && !offsets.has(group.id) && !saved.containsKey(group.id)) {
            groups.remove(group.id);
        }
    }

    private void sync(Sync sync, long nowMs, Draft draft) {
        Group group = groups.get(sync.groupId());
        if (group == null) {
            draft.answer(sync.requester(), Synced.refused(unknown(sync.groupId())));
        } else {
            sessions.sync(group, sync, nowMs, draft);
        }
    }

    private void heartbeat(Heartbeat heartbeat, long nowMs, Draft draft) {
        Group group = groups.get(heartbeat.groupId());
        if (group == null) {
            draft.answer(heartbeat.requester(), new Done(unknown(heartbeat.groupId())));
        } else {
            sessions.heartbeat(group, heartbeat, nowMs, draft);
        }
    }

    private static BrokerError unknown(String groupId) {
        return groupId.isEmpty() ? BrokerError.INVALID_GROUP_ID : BrokerError.UNKNOWN_MEMBER_ID;
    }

    private void commit(CommitOffsets commit, long nowMs, Draft draft) {
        Group group = groups.get(commit.groupId());
        if (group == null && commit.member().generation() >= 0) {
            BrokerError error =
                    commit.groupMustExist() ? BrokerError.GROUP_ID_NOT_FOUND : BrokerError.ILLEGAL_GENERATION;
            Offsets.refuse(commit, error, draft);
        } else if (group == null && groups.size() >= config.groupsMax()) {
            Offsets.refuse(commit, BrokerError.GROUP_MAX_SIZE_REACHED, draft);
        } else {
            offsets.commit(group == null ? new Group(commit.groupId()) : group, commit, nowMs, draft);
        }
    }

    private void commit(CommitTxnOffsets commit, long nowMs, Draft draft) {
        Group group = groups.get(commit.groupId());
        if (group == null && groups.size() >= config.groupsMax()) {
            TxnOffsets.refuse(commit, BrokerError.GROUP_MAX_SIZE_REACHED, draft);
        } else {
            offsets.transactional.commit(group, commit, nowMs, draft);
        }
    }

    private void describe(DescribeGroup describe, Draft draft) {
        Group group = groups.get(describe.groupId());
        if (group == null) {
            draft.answer(
                    describe.requester(),
                    new Described(BrokerError.GROUP_ID_NOT_FOUND, GroupState.DEAD, "", "", List.of()));
            return;
        }
        boolean stable = group.state == GroupState.STABLE;
        String protocol = group.protocolName;
        List<DescribedMember> members = new ArrayList<>(group.members.size());
        for (Member member : group.members.values()) {
            members.add(new DescribedMember(
                    member.id,
                    member.instanceId,
                    member.client,
                    stable ? member.metadata(protocol) : Bytes.EMPTY,
                    stable ? member.assignment : Bytes.EMPTY));
        }
        draft.answer(
                describe.requester(),
                new Described(
                        BrokerError.NONE,
                        group.state,
                        group.protocolType,
                        stable && protocol != null ? protocol : "",
                        members));
    }

    private void list(ListGroups list, Draft draft) {
        List<GroupSummary> listed = new ArrayList<>(groups.size());
        for (Group group : groups.values()) {
            listed.add(new GroupSummary(group.id, group.protocolType, GroupType.CLASSIC, group.state.text()));
        }
        consumers.list(listed);
        shares.list(listed);
        draft.answer(list.requester(), new Listed(listed));
    }

    private void delete(DeleteGroup delete, Draft draft) {
        Group group = groups.get(delete.groupId());
        BrokerError error = group == null
                ? BrokerError.GROUP_ID_NOT_FOUND
                : group.state == GroupState.EMPTY ? BrokerError.NONE : BrokerError.NON_EMPTY_GROUP;
        if (error == BrokerError.NONE) {
            offsets.removeAll(delete.groupId(), draft);
            draft.log(new GroupRemoved(delete.groupId()));
        }
        draft.answer(delete.requester(), new Done(error));
    }

    private void deleteOffsets(DeleteOffsets delete, Draft draft) {
        Group group = groups.get(delete.groupId());
        if (group == null) {
            draft.answer(delete.requester(), new Done(BrokerError.GROUP_ID_NOT_FOUND));
        } else {
            offsets.delete(group, delete, draft);
        }
    }

    private void tick(long nowMs, Draft draft) {
        Group due = deadlines.due(nowMs);
        while (due != null) {
            if (groups.get(due.id) == due) {
                sessions.expire(due, nowMs, draft);
                dropIfUnused(due);
            }
            due = deadlines.due(nowMs);
        }
        consumers.tick(nowMs, draft);
        shares.tick(nowMs, draft);
        if (offsetsCheckAtMs <= nowMs) {
            offsetsCheckAtMs = nowMs + config.offsetsCheckIntervalMs();
            consumers.expireOffsets(nowMs, draft);
            for (Group group : groups.values()) {
                boolean noOffsets = offsets.expire(group, nowMs, draft);
                if (noOffsets && group.state == GroupState.EMPTY && group.pendingMembers.isEmpty()) {
                    draft.log(new GroupRemoved(group.id));
                }
            }
        }
    }

    @Override
    public void apply(GroupFact fact) {
        if (fact instanceof OffsetCommitted committed) {
            offsets.apply(committed);
            keep(committed.groupId());
        } else if (fact instanceof ConsumerGroupFact consumer) {
            consumers.apply(consumer.fact());
        } else if (fact instanceof ShareGroupFact share) {
            shares.apply(share.fact());
        } else if (fact instanceof OffsetRemoved removed) {
            offsets.apply(removed);
        } else if (fact instanceof OffsetPending pending) {
            offsets.transactional.apply(pending);
            keep(pending.groupId());
        } else if (fact instanceof PendingDropped dropped) {
            offsets.transactional.apply(dropped);
        } else if (fact instanceof GroupChanged changed) {
            saved.put(changed.groupId(), changed.snapshot());
        } else if (fact instanceof GroupRemoved) {
            saved.remove(fact.groupId());
            groups.remove(fact.groupId());
        } else {
            throw new AssertionError(fact);
        }
    }

    /** Offsets alone make a classic group, unless there is one of the consumer protocol. */
    private void keep(String groupId) {
        if (!consumers.has(groupId)) {
            groups.computeIfAbsent(groupId, Group::new);
        }
    }

    /** Brings the saved groups to life; every member has a whole session to report. */
    @Override
    public Decision<GroupFact, GroupEffect> activated(long nowMs) {
        offsetsCheckAtMs = nowMs + config.offsetsCheckIntervalMs();
        offsets.transactional.activated(nowMs);
        saved.forEach((groupId, snapshot) -> {
            Group group = Group.restore(groupId, snapshot);
            groups.put(groupId, group);
            group.members.values().forEach(member -> rebalance.touch(group, member, nowMs));
        });
        consumers.activated(nowMs);
        shares.activated(nowMs);
        return Decision.nothing();
    }

    @Override
    public List<GroupEffect> dropped(BrokerError why) {
        List<GroupEffect> effects = new ArrayList<>();
        for (Group group : groups.values()) {
            for (Member member : group.members.values()) {
                Requester joining = member.awaitingJoin;
                Requester syncing = member.awaitingSync;
                if (joining != null) {
                    effects.add(new GroupEffect(joining, new Refused(why)));
                }
                if (syncing != null) {
                    effects.add(new GroupEffect(syncing, new Refused(why)));
                }
            }
        }
        return effects;
    }

    @Override
    public long wakeAtMs() {
        if (groups.isEmpty() && consumers.isEmpty()) {
            return shares.nextDeadlineMs();
        }
        long nextMs = Math.min(deadlines.nextMs(), consumers.nextDeadlineMs());
        return Math.min(Math.min(nextMs, shares.nextDeadlineMs()), offsetsCheckAtMs);
    }

    Map<String, GroupSnapshot> savedGroups() {
        return Map.copyOf(saved);
    }

    ConsumerGroups consumerGroups() {
        return consumers.groups();
    }

    Map<String, Group> groups() {
        return groups;
    }

    Offsets offsets() {
        return offsets;
    }
}
