package io.robustmq.core.group.consumer;

import io.robustmq.core.group.consumer.Assignor.Question;
import io.robustmq.core.group.consumer.Assignor.Subscriber;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.RegexResolved;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.MemberAssignment.State;
import io.robustmq.core.model.TopicId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Rebalancing without a barrier. What a member or the topics changed raises the group's epoch; the group's epoch calls for
 * new targets, by the first heartbeat once the last targets are an interval old; and each member goes to its target at its own pace. Owned by the coordinator's loop.
 */
public final class Rounds {
    private final ConsumerGroups groups;
    private final boolean shared;

    private Rounds(ConsumerGroups groups, boolean shared) {
        this.groups = groups;
        this.shared = shared;
    }

    /** Each partition belongs to one member. */
    public static Rounds exclusive(ConsumerGroups groups) {
        return new Rounds(groups, false);
    }

    /** Members may have the same partitions: nobody waits for anybody. */
    public static Rounds shared(ConsumerGroups groups) {
        return new Rounds(groups, true);
    }

    /**
     * A member reports.
     *
     * @param changed whether it wants something else than before
     * @param owned what it says it consumes; null if it says nothing
     */
    public record Report(
            ConsumerMember member,
            boolean changed,
            @Nullable Partitions owned,
            Predicate<String> visible) {}

    /** What the member has from now on. */
    public MemberAssignment proceed(ConsumerGroup group, Report report, long nowMs, Ledger ledger) {
        TopicsView view = groups.view();
        boolean found = resolve(group, report, nowMs, ledger);
        if (report.changed() || found || group.lookedAtIndex != view.index()) {
            group.lookedAtIndex = view.index();
            long hash = view.hash(group.subscribedTopics());
            if (report.changed() || found || hash != group.metadataHash()) {
                ledger.log(new EpochBumped(group.id(), group.epoch() + 1, hash));
            }
        }
        if (group.epoch() > group.targetEpoch()
                && group.mayRetarget(groups.config(group.id()).assignmentIntervalMs(), nowMs)) {
            retarget(group, nowMs, ledger);
        }
        return reconcile(group, report, nowMs, ledger);
    }

    /** Whether the member's expression matches other topics than before. */
    private boolean resolve(ConsumerGroup group, Report report, long nowMs, Ledger ledger) {
        String regex = report.member().topicRegex();
        RegexResolved before = group.regexes().get(regex);
        long index = groups.view().index();
        if (regex.isEmpty() || (before != null && group.resolvedAt(regex) == index)) {
            return false;
        }
        group.resolvedAt(regex, index);
        List<String> topics = groups.view().matching(regex, report.visible());
        if (before != null && before.topics().equals(topics)) {
            return false;
        }
        ledger.log(new RegexResolved(group.id(), regex, topics, index, nowMs));
        return true;
    }

    private void retarget(ConsumerGroup group, long nowMs, Ledger ledger) {
        SortedMap<String, Subscriber> subscribers = new TreeMap<>();
        Map<List<String>, Set<TopicId>> ids = new HashMap<>();
        for (ConsumerMember member : group.members()) {
            Set<TopicId> topics = ids.computeIfAbsent(
                    group.topicsOf(member),
                    names -> new HashSet<>(groups.view().partitions(names).keySet()));
            String instanceId = member.instanceId();
            subscribers.put(
                    member.memberId(),
                    new Subscriber(
                            instanceId == null ? member.memberId() : instanceId,
                            topics,
                            group.target(member.memberId())));
        }
        Question question = new Question(subscribers, groups.view().partitions(group.subscribedTopics()));
        Assignor assignor = shared ? SimpleAssignor.INSTANCE : assignor(group);
        assignor.assign(question).forEach((memberId, target) -> {
            if (!target.equals(group.target(memberId))) {
                ledger.log(new TargetChanged(group.id(), memberId, target));
            }
        });
        ledger.log(new TargetsReached(group.id(), group.epoch(), nowMs));
    }

    /** The one that most members ask for. */
    public static String assignorOf(ConsumerGroup group) {
        return assignor(group).name();
    }

    private static Assignor assignor(ConsumerGroup group) {
        Assignor chosen = Assignor.ALL.get(0);
        int most = 0;
        for (Assignor candidate : Assignor.ALL) {
            int votes = 0;
            for (ConsumerMember member : group.members()) {
                votes += candidate.name().equals(member.assignor()) ? 1 : 0;
            }
            if (votes > most) {
                most = votes;
                chosen = candidate;
            }
        }
        return chosen;
    }

    private MemberAssignment reconcile(ConsumerGroup group, Report report, long nowMs, Ledger ledger) {
        ConsumerMember member = report.member();
        String memberId = member.memberId();
        MemberAssignment had = group.assignment(memberId);
        MemberAssignment has = shared ? had.at(group.target(memberId), group.targetEpoch()) : next(group, report, had);
        if (has.equals(had)) {
            return had;
        }
        ledger.log(new AssignmentChanged(group.id(), memberId, has));
        group.demandNothing(memberId);
        if (has.state() == State.UNREVOKED) {
            groups.demand(group, member, nowMs);
        }
        return has;
    }

    private static MemberAssignment next(ConsumerGroup group, Report report, MemberAssignment had) {
        String memberId = report.member().memberId();
        return new Reconciliation(
                        group.target(memberId),
                        group.targetEpoch(),
                        (topic, partition) -> group.isFreeFor(memberId, topic, partition),
                        report.owned())
                .next(had);
    }
}
