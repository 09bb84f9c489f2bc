package io.robustmq.core.group.consumer;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerGroups.Departure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers members: who may join, who is fenced, who leaves, and what each of them consumes. Owned by the coordinator's loop. */
public final class Heartbeats {
    private final ConsumerGroups groups;
    private final Rounds rounds;
    private final int membersMax;

    public Heartbeats(ConsumerGroups groups, Rounds rounds, int membersMax) {
        this.groups = groups;
        this.rounds = rounds;
        this.membersMax = membersMax;
    }

    /** Why a heartbeat is not valid whatever the group is like; null if it is. */
    public static @Nullable HeartbeatResult complaint(ConsumerHeartbeat heartbeat) {
        String complaint = heartbeat.complaint();
        if (!complaint.isEmpty()) {
            return HeartbeatResult.refused(BrokerError.INVALID_REQUEST, complaint);
        }
        String assignor = heartbeat.wishes().assignor();
        if (assignor != null
                && Assignor.ALL.stream().noneMatch(known -> known.name().equals(assignor))) {
            return HeartbeatResult.refused(
                    BrokerError.UNSUPPORTED_ASSIGNOR,
                    "ServerAssignor " + assignor + " is not supported. Supported assignors: "
                            + String.join(
                                    ", ",
                                    Assignor.ALL.stream().map(Assignor::name).toList()) + ".");
        }
        String regex = heartbeat.wishes().topicRegex();
        String flaw = regex == null ? "" : TopicsView.complaint(regex);
        if (!flaw.isEmpty()) {
            return HeartbeatResult.refused(
                    BrokerError.INVALID_REGULAR_EXPRESSION,
                    "SubscribedTopicRegex `" + regex + "` is not a valid regular expression: " + flaw + ".");
        }
        return null;
    }

    /** The heartbeat is valid. A group that does not exist yet is created by a member that joins. */
    public HeartbeatResult heartbeat(ConsumerHeartbeat heartbeat, long nowMs, Ledger ledger, Departure departure) {
        groups.look(heartbeat.origin().image());
        ConsumerGroup found = groups.find(heartbeat.groupId());
        if (found == null && !heartbeat.joins()) {
            return HeartbeatResult.refused(
                    BrokerError.GROUP_ID_NOT_FOUND, "Group " + heartbeat.groupId() + " not found.");
        }
        ConsumerGroup group = found == null ? groups.create(heartbeat.groupId()) : found;
        HeartbeatResult refusal = heartbeat.instanceId() == null
                ? checkDynamic(group, heartbeat)
                : checkStatic(group, heartbeat.instanceId(), heartbeat);
        if (refusal != null) {
            return refusal;
        }
        return heartbeat.leaves()
                ? leave(group, heartbeat, ledger, departure)
                : report(group, heartbeat, nowMs, ledger);
    }

    private @Nullable HeartbeatResult checkDynamic(ConsumerGroup group, ConsumerHeartbeat heartbeat) {
        ConsumerMember member = group.member(heartbeat.memberId());
        if (member == null) {
            return heartbeat.joins() ? checkRoom(group) : unknown(heartbeat.memberId());
        }
        return checkEpoch(group, heartbeat);
    }

    private @Nullable HeartbeatResult checkStatic(ConsumerGroup group, String instanceId, ConsumerHeartbeat heartbeat) {
        ConsumerMember member = group.staticMember(instanceId);
        if (member == null) {
            return heartbeat.joins() ? checkRoom(group) : unknown(heartbeat.memberId());
        }
        if (member.memberId().equals(heartbeat.memberId())) {
            return checkEpoch(group, heartbeat);
        }
        if (!heartbeat.joins()) {
            return HeartbeatResult.refused(
                    BrokerError.FENCED_INSTANCE_ID, "Instance " + instanceId + " belongs to another member now.");
        }
        boolean released = group.assignment(member.memberId()).epoch() == ConsumerHeartbeat.LEAVES_FOR_A_WHILE;
        return released || member.classic() != null
                ? null
                : HeartbeatResult.refused(
                        BrokerError.UNRELEASED_INSTANCE_ID,
                        "Instance " + instanceId + " is in use by member " + member.memberId() + ".");
    }

    private @Nullable HeartbeatResult checkRoom(ConsumerGroup group) {
        return group.members().size() < membersMax
                ? null
                : HeartbeatResult.refused(
                        BrokerError.GROUP_MAX_SIZE_REACHED, "The group has " + membersMax + " members already.");
    }

    private static HeartbeatResult unknown(String memberId) {
        return HeartbeatResult.refused(
                BrokerError.UNKNOWN_MEMBER_ID, "Member " + memberId + " is not a member of the group.");
    }

    /** The epoch before the present one is good enough if the member cannot have heard of the present one. */
    private static @Nullable HeartbeatResult checkEpoch(ConsumerGroup group, ConsumerHeartbeat heartbeat) {
        if (heartbeat.joins() || heartbeat.leaves()) {
            return null;
        }
        MemberAssignment has = group.assignment(heartbeat.memberId());
        Partitions owned = heartbeat.owned();
        boolean answerWasLost = heartbeat.memberEpoch() == has.previousEpoch()
                && heartbeat.memberEpoch() < has.epoch()
                && owned != null
                && has.assigned().containsAll(owned);
        return heartbeat.memberEpoch() == has.epoch() || answerWasLost
                ? null
                : HeartbeatResult.refused(
                        BrokerError.FENCED_MEMBER_EPOCH,
                        "The member's epoch is " + has.epoch() + " and not " + heartbeat.memberEpoch()
                                + ". The member must abandon all its partitions and rejoin.");
    }

    private static HeartbeatResult leave(
            ConsumerGroup group, ConsumerHeartbeat heartbeat, Ledger ledger, Departure departure) {
        ConsumerMember member = group.member(heartbeat.memberId());
        if (member == null) {
            return unknown(heartbeat.memberId());
        }
        if (heartbeat.memberEpoch() == ConsumerHeartbeat.LEAVES_FOR_A_WHILE) {
            MemberAssignment away = group.assignment(member.memberId()).away();
            group.demandNothing(member.memberId());
            ledger.log(new AssignmentChanged(group.id(), member.memberId(), away));
        } else {
            departure.depart(group, List.of(member));
        }
        return HeartbeatResult.left(heartbeat.memberId(), heartbeat.memberEpoch());
    }

    private HeartbeatResult report(ConsumerGroup group, ConsumerHeartbeat heartbeat, long nowMs, Ledger ledger) {
        String memberId = heartbeat.memberId();
        String instanceId = heartbeat.instanceId();
        ConsumerMember owner = instanceId == null ? null : group.staticMember(instanceId);
        if (owner != null && heartbeat.joins()) {
            takeOver(group, owner, memberId, ledger);
        }
        ConsumerMember known = group.member(memberId);
        ConsumerMember before = known == null ? ConsumerMember.unknown(memberId, instanceId) : known;
        ConsumerMember member = before.updated(heartbeat.wishes(), heartbeat.origin());
        if (!member.equals(known)) {
            ledger.log(new MemberChanged(group.id(), member));
        }
        if (!before.topicRegex().isEmpty() && !before.topicRegex().equals(member.topicRegex())) {
            ConsumerGroups.dropIfUnused(group, before.topicRegex(), ledger);
        }
        MemberAssignment had = group.assignment(memberId);
        // Who wants nothing changes nothing for others.
        boolean changed = !member.subscribesLike(before);
        MemberAssignment has = rounds.proceed(
                group,
                new Rounds.Report(
                        member, changed, heartbeat.owned(), heartbeat.origin().visible()),
                nowMs,
                ledger);
        groups.touch(group, member, nowMs);
        boolean tells = heartbeat.isFull()
                || heartbeat.memberEpoch() != had.epoch()
                || !has.assigned().samePartitions(had.assigned());
        return new HeartbeatResult(
                BrokerError.NONE,
                "",
                memberId,
                has.epoch(),
                groups.config(group.id()).heartbeatIntervalMs(),
                tells ? has.assigned() : null);
    }

    /** A static member is back, perhaps under a new id: what it had is kept for it, and it begins at the first epoch. */
    public static void takeOver(ConsumerGroup group, ConsumerMember owner, String memberId, Ledger ledger) {
        MemberAssignment had = group.assignment(owner.memberId());
        if (owner.memberId().equals(memberId)) {
            if (had.epoch() < 0) {
                ledger.log(new AssignmentChanged(group.id(), memberId, fresh(had)));
            }
            return;
        }
        Partitions target = group.target(owner.memberId());
        ConsumerGroups.erase(group.id(), owner.memberId(), ledger);
        ledger.log(new MemberChanged(group.id(), owner.renamed(memberId)));
        ledger.log(new TargetChanged(group.id(), memberId, target));
        ledger.log(new AssignmentChanged(group.id(), memberId, fresh(had)));
    }

    private static MemberAssignment fresh(MemberAssignment had) {
        return new MemberAssignment(0, 0, MemberAssignment.State.STABLE, had.assigned(), Partitions.NONE);
    }
}
