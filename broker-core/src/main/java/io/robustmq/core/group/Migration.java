package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.Client;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupCommand.MemberTerms;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupFact.GroupRemoved;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.ConsumerGroup;
import io.robustmq.core.group.consumer.ConsumerGroups;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicProtocol;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicTerms;
import io.robustmq.core.group.consumer.Ledger;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.MemberAssignment.State;
import io.robustmq.core.group.consumer.Partitions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Takes a group from one protocol to the other while its members consume. The first member that joins by the consumer
 * protocol takes the group up, the last one that leaves takes it down; generations go on as epochs and back, so that
 * nobody from before is mistaken for somebody of now. Owned by the coordinator's loop.
 */
final class Migration {
    private final GroupConfig config;
    private final ConsumerGroups groups;
    private final Rebalance rebalance;
    private final Map<String, Group> classicGroups;

    Migration(GroupConfig config, ConsumerGroups groups, Rebalance rebalance, Map<String, Group> classicGroups) {
        this.config = config;
        this.groups = groups;
        this.rebalance = rebalance;
        this.classicGroups = classicGroups;
    }

    /** False, and nothing happened, if the group must stay what it is. A group without members always changes. */
    boolean upgrade(Group classic, long nowMs, Ledger ledger, Draft draft) {
        List<ConsumerFact> facts = new ArrayList<>();
        if (!classic.members.isEmpty() && !convert(classic, nowMs, facts)) {
            return false;
        }
        for (Member member : classic.members.values()) {
            rebalance.refuseWaiting(member, BrokerError.REBALANCE_IN_PROGRESS, draft);
        }
        draft.log(new GroupRemoved(classic.id));
        classicGroups.remove(classic.id);
        facts.forEach(ledger::log);
        ConsumerGroup group = groups.find(classic.id);
        if (group != null) {
            group.members().forEach(member -> groups.touch(group, member, nowMs));
        }
        return true;
    }

    private boolean convert(Group classic, long nowMs, List<ConsumerFact> facts) {
        boolean allowed = config.consumer().migration().upgrades()
                && classic.protocolType.equals(Subscriptions.CONSUMER)
                && classic.members.size() <= config.membersMax();
        if (!allowed) {
            return false;
        }
        String groupId = classic.id;
        int epoch = classic.generation;
        facts.add(new EpochBumped(groupId, epoch, 0));
        facts.add(new TargetsReached(groupId, epoch, nowMs));
        Partitions taken = Partitions.NONE;
        for (Member member : classic.members.values()) {
            JoinProtocol protocol = member.terms.protocols().get(0);
            Embedded.Subscription wish = Embedded.subscription(protocol.metadata());
            Map<String, List<Integer>> assigned = Embedded.assignment(member.assignment);
            if (wish == null || assigned == null) {
                return false;
            }
            // A client may have assigned a partition twice; here it cannot be.
            Partitions share =
                    TopicNames.toIds(assigned, groups.image()).minus(taken).at(epoch);
            taken = taken.plus(share);
            facts.add(new MemberChanged(groupId, converted(member, wish)));
            facts.add(new TargetChanged(groupId, member.id, share));
            facts.add(new AssignmentChanged(
                    groupId, member.id, new MemberAssignment(epoch, epoch, State.STABLE, share, Partitions.NONE)));
        }
        return true;
    }

    private static ConsumerMember converted(Member member, Embedded.Subscription wish) {
        List<ClassicProtocol> protocols = new ArrayList<>();
        for (JoinProtocol protocol : member.terms.protocols()) {
            protocols.add(new ClassicProtocol(
                    protocol.name(), ByteBuffer.wrap(protocol.metadata().array())));
        }
        return new ConsumerMember(
                member.id,
                member.instanceId,
                wish.rackId(),
                member.client.id(),
                member.client.host(),
                wish.topics(),
                "",
                member.terms.rebalanceTimeoutMs(),
                null,
                new ClassicTerms(member.terms.sessionTimeoutMs(), protocols));
    }

    /** False, and nothing happened, unless those who stay all speak the classic protocol. */
    boolean downgrade(ConsumerGroup group, List<ConsumerMember> gone, long nowMs, Ledger ledger, Draft draft) {
        List<ConsumerMember> staying = new ArrayList<>(group.members());
        staying.removeAll(gone);
        boolean allowed = config.consumer().migration().downgrades()
                && !staying.isEmpty()
                && staying.stream().noneMatch(member -> member.classic() == null);
        if (!allowed) {
            return false;
        }
        Group classic = new Group(group.id());
        classic.generation = group.epoch();
        for (ConsumerMember member : staying) {
            ClassicTerms terms = member.classic();
            if (terms != null) {
                classic.add(converted(member, terms, group));
            }
        }
        classic.protocolName = classic.selectProtocol();
        classic.subscribedTopics = Subscriptions.topicsOf(classic);
        classic.become(GroupState.STABLE, nowMs);
        groups.delete(group, ledger);
        draft.log(new GroupChanged(classic.id, classic.snapshot()));
        classicGroups.put(classic.id, classic);
        classic.members.values().forEach(member -> rebalance.touch(classic, member, nowMs));
        rebalance.start(classic, nowMs, draft);
        return true;
    }

    private Member converted(ConsumerMember member, ClassicTerms terms, ConsumerGroup group) {
        List<JoinProtocol> protocols = new ArrayList<>();
        for (ClassicProtocol protocol : terms.protocols()) {
            protocols.add(new JoinProtocol(
                    protocol.name(), Bytes.of(protocol.metadata().array())));
        }
        Member converted = new Member(
                member.memberId(),
                member.instanceId(),
                new Client(member.clientId(), member.clientHost()),
                new MemberTerms(
                        member.rebalanceTimeoutMs(), terms.sessionTimeoutMs(), Subscriptions.CONSUMER, protocols));
        Embedded.Subscription wish = Embedded.subscription(protocols.get(0).metadata());
        converted.assignment = Embedded.assignment(
                wish == null ? 0 : wish.version(), TopicNames.ofIds(group.target(member.memberId()), groups.image()));
        converted.isNew = false;
        return converted;
    }
}
