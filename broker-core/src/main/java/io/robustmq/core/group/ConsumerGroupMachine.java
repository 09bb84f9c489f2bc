package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.DeleteGroup;
import io.robustmq.core.group.GroupCommand.DescribeConsumerGroup;
import io.robustmq.core.group.GroupCommand.DescribeGroup;
import io.robustmq.core.group.GroupCommand.FetchOffsetsAsMember;
import io.robustmq.core.group.GroupCommand.Heartbeat;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupCommand.Leave;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupCommand.ReportToGroup;
import io.robustmq.core.group.GroupCommand.Sync;
import io.robustmq.core.group.GroupFact.ConsumerGroupFact;
import io.robustmq.core.group.GroupReply.ConsumerDescribed;
import io.robustmq.core.group.GroupReply.Described;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The groups that speak the consumer protocol: takes the commands that concern them, whatever protocol the command is of.
 * Owned by the coordinator's loop.
 */
final class ConsumerGroupMachine {
    private final GroupConfig config;
    private final Offsets offsets;
    private final Map<String, Group> classicGroups;
    private final ConsumerGroups groups;
    private final Heartbeats heartbeats;
    private final ClassicMembers classicMembers;
    private final Migration migration;

    ConsumerGroupMachine(GroupConfig config, Rebalance rebalance, Offsets offsets, Map<String, Group> classicGroups) {
        this.config = config;
        this.offsets = offsets;
        this.classicGroups = classicGroups;
        this.groups = new ConsumerGroups(config.consumer());
        Rounds rounds = Rounds.exclusive(groups);
        this.heartbeats = new Heartbeats(groups, rounds, config.membersMax());
        this.classicMembers = new ClassicMembers(config, groups, rounds);
        this.migration = new Migration(config, groups, rebalance, classicGroups);
    }

    /** False if the command does not concern a group of the consumer protocol, or not such groups alone. */
    boolean decide(GroupCommand command, long nowMs, Draft draft) {
        if (command instanceof ReportToGroup report) {
            report(report, nowMs, draft);
            return true;
        }
        if (command instanceof DescribeConsumerGroup describe) {
            draft.answer(describe.requester(), described(groups.find(describe.groupId())));
            return true;
        }
        if (command instanceof FetchOffsetsAsMember fetch) {
            fetch(fetch, draft);
            return true;
        }
        String groupId = command.groupId();
        ConsumerGroup group = groupId == null ? null : groups.find(groupId);
        return group != null && decide(group, command, nowMs, draft);
    }

    private boolean decide(ConsumerGroup group, GroupCommand command, long nowMs, Draft draft) {
        if (command instanceof CommitOffsets commit) {
            commit(group, commit, nowMs, draft);
        } else if (command instanceof CommitTxnOffsets commit) {
            BrokerError refusal = TxnOffsets.saysNothing(commit.member())
                    ? BrokerError.NONE
                    : checkCommit(group, commit.member(), commit.offsets(), true);
            offsets.transactional.commit(refusal, commit, nowMs, draft);
        } else if (command instanceof Heartbeat heartbeat) {
            classicMembers.heartbeat(group, heartbeat, nowMs, draft);
        } else if (command instanceof Sync sync) {
            classicMembers.sync(group, sync, nowMs, draft);
        } else if (command instanceof Leave leave) {
            classicMembers.leave(group, leave, departure(nowMs, draft), draft);
        } else if (command instanceof DescribeGroup describe) {
            draft.answer(
                    describe.requester(),
                    new Described(BrokerError.GROUP_ID_NOT_FOUND, GroupState.DEAD, "", "", List.of()));
        } else if (command instanceof DeleteGroup delete) {
            delete(group, delete, draft);
        } else if (command instanceof GroupCommand.DeleteOffsets delete) {
            offsets.delete(asOffsetsSeeIt(group), delete, draft);
        } else {
            return false;
        }
        return true;
    }

    /** A classic join that is valid in itself: false if it concerns no group of the consumer protocol with members. */
    boolean join(Join join, long nowMs, Draft draft) {
        groups.look(join.image());
        ConsumerGroup before = groups.find(join.groupId());
        if (before != null) {
            departIfReplaced(before, join, nowMs, draft);
        }
        ConsumerGroup group = groups.find(join.groupId());
        if (group == null) {
            return false;
        }
        if (group.members().isEmpty()) {
            groups.delete(group, ledger(draft));
            keepOffsetsOf(group.id());
            return false;
        }
        classicMembers.join(group, join, nowMs, ledger(draft), draft);
        return true;
    }

    /** The last member of the consumer protocol comes back as a static one of the classic protocol: nobody needs the former. */
    private void departIfReplaced(ConsumerGroup group, Join join, long nowMs, Draft draft) {
        String instanceId = join.instanceId();
        ConsumerMember owner = instanceId == null || !join.memberId().isEmpty() ? null : group.staticMember(instanceId);
        if (owner != null
                && owner.classic() == null
                && group.allSpeakClassicBut(owner.memberId())
                && classicMembers.accepts(group, join)) {
            departure(nowMs, draft).depart(group, List.of(owner));
        }
    }

    private void report(ReportToGroup report, long nowMs, Draft draft) {
        ConsumerHeartbeat heartbeat = report.heartbeat();
        HeartbeatResult refusal = heartbeat.wishes().size() > config.groupBytesMax()
                ? HeartbeatResult.refused(BrokerError.INVALID_REQUEST, "The subscription is too large.")
                : Heartbeats.complaint(heartbeat);
        if (refusal == null) {
            groups.look(heartbeat.origin().image());
            refusal = makeRoom(heartbeat, nowMs, draft);
        }
        HeartbeatResult result = refusal == null
                ? heartbeats.heartbeat(heartbeat, nowMs, ledger(draft), departure(nowMs, draft))
                : refusal;
        draft.answer(report.requester(), new Reported(result));
    }

    /** A classic group is in the way of whoever joins by the consumer protocol, unless it can change over. */
    private @Nullable HeartbeatResult makeRoom(ConsumerHeartbeat heartbeat, long nowMs, Draft draft) {
        Group classic = classicGroups.get(heartbeat.groupId());
        if (classic != null) {
            boolean joins = heartbeat.memberEpoch() == 0;
            return joins && migration.upgrade(classic, nowMs, ledger(draft), draft)
                    ? null
                    : HeartbeatResult.refused(
                            BrokerError.GROUP_ID_NOT_FOUND, "Group " + classic.id + " is not a consumer group.");
        }
        boolean full =
                groups.find(heartbeat.groupId()) == null && classicGroups.size() + groups.count() >= config.groupsMax();
        return full && heartbeat.memberEpoch() == 0
                ? HeartbeatResult.refused(BrokerError.GROUP_MAX_SIZE_REACHED, "There are too many groups already.")
                : null;
    }

    private Ledger ledger(Draft draft) {
        return new Ledger(groups, fact -> draft.log(new ConsumerGroupFact(fact)));
    }

    private ConsumerGroups.Departure departure(long nowMs, Draft draft) {
        return (group, gone) -> {
            if (!migration.downgrade(group, gone, nowMs, ledger(draft), draft)) {
                groups.remove(group, gone, ledger(draft));
            }
        };
    }

    private void commit(ConsumerGroup group, CommitOffsets commit, long nowMs, Draft draft) {
        BrokerError refusal = checkCommit(group, commit.member(), commit.offsets(), commit.groupMustExist());
        if (refusal == BrokerError.NONE) {
            offsets.commit(group.id(), commit, nowMs, draft);
        } else {
            Offsets.refuse(commit, refusal, draft);
        }
    }

    /**
     * An older epoch is good enough for partitions that the member was given at that epoch or before and still has: nobody
     * else can have committed to them since (KIP-1251).
     *
     * @param knowsEpochs whether the request is of a version that has member epochs
     */
    private static BrokerError checkCommit(
            ConsumerGroup group, Membership who, List<OffsetToCommit> wanted, boolean knowsEpochs) {
        if (who.generation() < 0 && group.members().isEmpty()) {
            return BrokerError.NONE;
        }
        ConsumerMember member = group.member(who.memberId());
        if (member == null) {
            return BrokerError.UNKNOWN_MEMBER_ID;
        }
        if (member.classic() == null && !knowsEpochs) {
            return BrokerError.UNSUPPORTED_VERSION;
        }
        MemberAssignment has = group.assignment(member.memberId());
        boolean current = who.generation() == has.epoch();
        return current || heldSince(has, who.generation(), wanted) ? BrokerError.NONE : mismatch(member);
    }

    private static boolean heldSince(MemberAssignment has, int epoch, List<OffsetToCommit> wanted) {
        for (OffsetToCommit offset : wanted) {
            int since = Math.max(
                    has.assigned().epoch(offset.topicId(), offset.partition()),
                    has.revoking().epoch(offset.topicId(), offset.partition()));
            if (since < 0 || since > epoch) {
                return false;
            }
        }
        return epoch < has.epoch();
    }

    private static BrokerError mismatch(ConsumerMember member) {
        return member.classic() == null ? BrokerError.STALE_MEMBER_EPOCH : BrokerError.ILLEGAL_GENERATION;
    }

    private void fetch(FetchOffsetsAsMember fetch, Draft draft) {
        ConsumerGroup group = groups.find(fetch.groupId());
        BrokerError refusal = group == null ? BrokerError.NONE : checkFetch(group, fetch);
        if (refusal == BrokerError.NONE) {
            offsets.fetch(fetch.fetch(), draft);
        } else {
            draft.answer(fetch.requester(), new Done(refusal));
        }
    }

    private static BrokerError checkFetch(ConsumerGroup group, FetchOffsetsAsMember fetch) {
        ConsumerMember member = group.member(fetch.memberId());
        if (member == null) {
            return BrokerError.UNKNOWN_MEMBER_ID;
        }
        boolean current = group.assignment(member.memberId()).epoch() == fetch.memberEpoch();
        return current ? BrokerError.NONE : mismatch(member);
    }

    private void delete(ConsumerGroup group, DeleteGroup delete, Draft draft) {
        boolean empty = group.members().isEmpty();
        if (empty) {
            offsets.removeAll(group.id(), draft);
            groups.delete(group, ledger(draft));
        }
        draft.answer(delete.requester(), new Done(empty ? BrokerError.NONE : BrokerError.NON_EMPTY_GROUP));
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
                BrokerError.NONE,
                group.phase().text(),
                group.epoch(),
                group.targetEpoch(),
                Rounds.assignorOf(group),
                members);
    }

    void list(List<GroupSummary> listed) {
        for (ConsumerGroup group : groups.all()) {
            listed.add(new GroupSummary(
                    group.id(),
                    Subscriptions.CONSUMER,
                    GroupType.CONSUMER,
                    group.phase().text()));
        }
    }

    void tick(long nowMs, Draft draft) {
        groups.expire(nowMs, departure(nowMs, draft));
    }

    /** Offsets past their retention, and then groups of which nothing is left. */
    void expireOffsets(long nowMs, Draft draft) {
        for (ConsumerGroup group : List.copyOf(groups.all())) {
            boolean noOffsets = offsets.expire(asOffsetsSeeIt(group), nowMs, draft);
            if (noOffsets && group.members().isEmpty()) {
                groups.delete(group, ledger(draft));
            }
        }
    }

    /** With a retention that counts from the commit: when the group became empty is not known. */
    private static Group asOffsetsSeeIt(ConsumerGroup group) {
        Group view = new Group(group.id());
        view.protocolType = Subscriptions.CONSUMER;
        view.state = group.members().isEmpty() ? GroupState.EMPTY : GroupState.STABLE;
        view.subscribedTopics = group.subscribedTopics();
        return view;
    }

    void apply(ConsumerFact fact) {
        groups.apply(fact);
    }

    /** An id is of one type: offsets alone make a classic group, unless there is one of the consumer protocol. */
    void activated(long nowMs) {
        groups.all().forEach(group -> classicGroups.remove(group.id()));
        offsets.groupIds().forEach(this::keepOffsetsOf);
        groups.activated(nowMs);
    }

    private void keepOffsetsOf(String groupId) {
        if (groups.find(groupId) == null && offsets.has(groupId)) {
            classicGroups.computeIfAbsent(groupId, Group::new);
        }
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
