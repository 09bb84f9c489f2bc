package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.Heartbeat;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupCommand.Leave;
import io.robustmq.core.group.GroupCommand.Leaver;
import io.robustmq.core.group.GroupCommand.Sync;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.LeaverOutcome;
import io.robustmq.core.group.GroupReply.Left;
import io.robustmq.core.group.GroupReply.Synced;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerGroup;
import io.robustmq.core.group.consumer.ConsumerGroups;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicProtocol;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicTerms;
import io.robustmq.core.group.consumer.Heartbeats;
import io.robustmq.core.group.consumer.Ledger;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.MemberAssignment.State;
import io.robustmq.core.group.consumer.Rounds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Members of a group of the consumer protocol that speak the classic one still. The group's epoch is their generation, a
 * join is their report, none of them leads, and a heartbeat tells them to join again. Owned by the coordinator's loop.
 */
final class ClassicMembers {
    private final GroupConfig config;
    private final ConsumerGroups groups;
    private final Rounds rounds;

    ClassicMembers(GroupConfig config, ConsumerGroups groups, Rounds rounds) {
        this.config = config;
        this.groups = groups;
        this.rounds = rounds;
    }

    boolean accepts(ConsumerGroup group, Join join) {
        return check(group, join, wish(join)) == BrokerError.NONE;
    }

    /** All protocols of a member carry the same. */
    private static Embedded.@Nullable Subscription wish(Join join) {
        List<JoinProtocol> protocols = join.terms().protocols();
        return protocols.isEmpty()
                ? null
                : Embedded.subscription(protocols.get(0).metadata());
    }

    void join(ConsumerGroup group, Join join, long nowMs, Ledger ledger, Draft draft) {
        String instanceId = join.instanceId();
        Embedded.Subscription wish = wish(join);
        BrokerError refusal = check(group, join, wish);
        if (refusal != BrokerError.NONE || wish == null) {
            Joins.refuse(join, refusal, draft);
            return;
        }
        String fresh = join.options().freshMemberId();
        if (join.memberId().isEmpty() && instanceId == null && join.options().memberIdRequired()) {
            draft.answer(join.requester(), Joined.refused(BrokerError.MEMBER_ID_REQUIRED, fresh));
            return;
        }
        String memberId = join.memberId().isEmpty() ? fresh : join.memberId();
        ConsumerMember owner = instanceId == null ? null : group.staticMember(instanceId);
        if (owner != null) {
            Heartbeats.takeOver(group, owner, memberId, ledger);
        }
        MemberAssignment has = report(group, join, memberId, wish, nowMs, ledger);
        draft.answer(
                join.requester(),
                new Joined(
                        BrokerError.NONE,
                        has.epoch(),
                        Subscriptions.CONSUMER,
                        join.terms().protocols().get(0).name(),
                        "",
                        false,
                        memberId,
                        List.of()));
    }

    private BrokerError check(ConsumerGroup group, Join join, Embedded.@Nullable Subscription wish) {
        boolean fits = join.terms().protocolType().equals(Subscriptions.CONSUMER) && hasCommonProtocol(group, join);
        if (wish == null || !fits) {
            return BrokerError.INCONSISTENT_GROUP_PROTOCOL;
        }
        long bytes = 0;
        for (JoinProtocol protocol : join.terms().protocols()) {
            bytes += protocol.metadata().size();
        }
        if (bytes > config.groupBytesMax()) {
            return BrokerError.MESSAGE_TOO_LARGE;
        }
        String instanceId = join.instanceId();
        ConsumerMember owner = instanceId == null ? group.member(join.memberId()) : group.staticMember(instanceId);
        if (instanceId != null && !join.memberId().isEmpty()) {
            if (owner == null) {
                return BrokerError.UNKNOWN_MEMBER_ID;
            }
            return owner.memberId().equals(join.memberId()) ? BrokerError.NONE : BrokerError.FENCED_INSTANCE_ID;
        }
        return owner == null && group.members().size() >= config.membersMax()
                ? BrokerError.GROUP_MAX_SIZE_REACHED
                : BrokerError.NONE;
    }

    /** With the other members that speak the classic protocol: they may be alone again one day. */
    private static boolean hasCommonProtocol(ConsumerGroup group, Join join) {
        List<String> common = new ArrayList<>();
        join.terms().protocols().forEach(protocol -> common.add(protocol.name()));
        for (ConsumerMember member : group.members()) {
            ClassicTerms classic = member.classic();
            if (classic != null && !member.memberId().equals(join.memberId())) {
                common.retainAll(
                        classic.protocols().stream().map(ClassicProtocol::name).toList());
            }
        }
        return !common.isEmpty();
    }

    private MemberAssignment report(
            ConsumerGroup group, Join join, String memberId, Embedded.Subscription wish, long nowMs, Ledger ledger) {
        List<ClassicProtocol> protocols = new ArrayList<>();
        for (JoinProtocol protocol : join.terms().protocols()) {
            protocols.add(new ClassicProtocol(
                    protocol.name(), ByteBuffer.wrap(protocol.metadata().array())));
        }
        ConsumerMember known = group.member(memberId);
        ConsumerMember member = new ConsumerMember(
                memberId,
                join.instanceId(),
                wish.rackId(),
                join.client().id(),
                join.client().host(),
                wish.topics(),
                "",
                join.terms().rebalanceTimeoutMs(),
                null,
                new ClassicTerms(join.terms().sessionTimeoutMs(), protocols));
        if (!member.equals(known)) {
            ledger.log(new MemberChanged(group.id(), member));
        }
        boolean changed = known == null || !known.topicNames().equals(member.topicNames());
        Rounds.Report report =
                new Rounds.Report(member, changed, TopicNames.toIds(wish.owned(), groups.image()), topic -> true);
        MemberAssignment has = rounds.proceed(group, report, nowMs, ledger);
        groups.touch(group, member, nowMs);
        if (has.state() != State.UNREVOKED) {
            groups.demandNothing(group, member);
        }
        // It has to come for its assignment.
        groups.demand(group, member, nowMs);
        return has;
    }

    void sync(ConsumerGroup group, Sync sync, long nowMs, Draft draft) {
        GroupCommand.Membership who = sync.member();
        BrokerError error = check(group, who.memberId(), who.instanceId(), who.generation());
        ConsumerMember member = group.member(who.memberId());
        ClassicTerms classic = member == null ? null : member.classic();
        if (error != BrokerError.NONE || member == null || classic == null) {
            draft.answer(sync.requester(), Synced.refused(error));
            return;
        }
        MemberAssignment has = group.assignment(member.memberId());
        String protocol = classic.protocols().get(0).name();
        if (disagrees(sync.protocolType(), Subscriptions.CONSUMER) || disagrees(sync.protocolName(), protocol)) {
            draft.answer(sync.requester(), Synced.refused(BrokerError.INCONSISTENT_GROUP_PROTOCOL));
        } else if (group.epoch() > has.epoch() && has.state() != State.UNREVOKED) {
            groups.demand(group, member, nowMs);
            draft.answer(sync.requester(), Synced.refused(BrokerError.REBALANCE_IN_PROGRESS));
        } else {
            if (has.state() != State.UNREVOKED) {
                groups.demandNothing(group, member);
            }
            groups.touch(group, member, nowMs);
            Embedded.Subscription wish = Embedded.subscription(
                    Bytes.of(classic.protocols().get(0).metadata().array()));
            Bytes assignment = Embedded.assignment(
                    wish == null ? 0 : wish.version(), TopicNames.ofIds(has.assigned(), groups.image()));
            draft.answer(sync.requester(), new Synced(BrokerError.NONE, Subscriptions.CONSUMER, protocol, assignment));
        }
    }

    private static boolean disagrees(@Nullable String said, String is) {
        return said != null && !said.equals(is);
    }

    void heartbeat(ConsumerGroup group, Heartbeat heartbeat, long nowMs, Draft draft) {
        GroupCommand.Membership who = heartbeat.member();
        BrokerError error = check(group, who.memberId(), who.instanceId(), who.generation());
        ConsumerMember member = group.member(who.memberId());
        if (error == BrokerError.NONE && member != null) {
            groups.touch(group, member, nowMs);
            if (mustJoinAgain(group, member)) {
                error = BrokerError.REBALANCE_IN_PROGRESS;
                groups.demand(group, member, nowMs);
            }
        }
        draft.answer(heartbeat.requester(), new Done(error));
    }

    /** For the new epoch, with what it gave up, or for what others gave up meanwhile. */
    private static boolean mustJoinAgain(ConsumerGroup group, ConsumerMember member) {
        MemberAssignment has = group.assignment(member.memberId());
        return switch (has.state()) {
            case STABLE -> has.epoch() < group.epoch();
            case UNREVOKED -> true;
            case UNRELEASED -> has.epoch() < group.epoch() || group.canHaveMore(member.memberId());
        };
    }

    private static BrokerError check(
            ConsumerGroup group, String memberId, @Nullable String instanceId, int generation) {
        ConsumerMember member = instanceId == null ? group.member(memberId) : group.staticMember(instanceId);
        if (member == null) {
            return BrokerError.UNKNOWN_MEMBER_ID;
        }
        if (!member.memberId().equals(memberId)) {
            return BrokerError.FENCED_INSTANCE_ID;
        }
        if (member.classic() == null) {
            return BrokerError.UNKNOWN_MEMBER_ID;
        }
        return group.assignment(memberId).epoch() == generation ? BrokerError.NONE : BrokerError.ILLEGAL_GENERATION;
    }

    void leave(ConsumerGroup group, Leave leave, ConsumerGroups.Departure departure, Draft draft) {
        List<LeaverOutcome> outcomes = new ArrayList<>(leave.leavers().size());
        List<ConsumerMember> gone = new ArrayList<>();
        for (Leaver leaver : leave.leavers()) {
            String instanceId = leaver.instanceId();
            ConsumerMember member =
                    instanceId == null ? group.member(leaver.memberId()) : group.staticMember(instanceId);
            BrokerError error = BrokerError.NONE;
            if (member == null || (instanceId == null && member.classic() == null)) {
                error = BrokerError.UNKNOWN_MEMBER_ID;
            } else if (!leaver.memberId().isEmpty() && !leaver.memberId().equals(member.memberId())) {
                error = BrokerError.FENCED_INSTANCE_ID;
            } else if (!gone.contains(member)) {
                gone.add(member);
            }
            outcomes.add(new LeaverOutcome(leaver.memberId(), instanceId, error));
        }
        if (!gone.isEmpty()) {
            departure.depart(group, gone);
        }
        draft.answer(leave.requester(), new Left(outcomes));
    }
}
