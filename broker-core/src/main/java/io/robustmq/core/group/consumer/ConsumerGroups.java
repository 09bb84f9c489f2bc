package io.robustmq.core.group.consumer;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.group.consumer.ConsumerFact.Erased;
import io.robustmq.core.group.consumer.ConsumerFact.Kind;
import io.robustmq.core.group.consumer.ConsumerFact.RegexResolved;
import io.robustmq.core.group.consumer.MemberAssignment.State;
import io.robustmq.core.meta.MetaImage;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All groups of the consumer protocol of one coordinator. Owned by the coordinator's loop. */
public final class ConsumerGroups {
    private final ConsumerGroupConfig config;
    private final Map<String, ConsumerGroup> groups = new HashMap<>();
    private final Deadlines<ConsumerGroup> deadlines = new Deadlines<>();
    private MetaImage image = MetaImage.EMPTY;
    private TopicsView view = new TopicsView(image);

    public ConsumerGroups(ConsumerGroupConfig config) {
        this.config = config;
    }

    /** How members go: they are removed, or take their group along to the classic protocol. */
    @FunctionalInterface
    public interface Departure {
        void depart(ConsumerGroup group, List<ConsumerMember> gone);
    }

    /** Nodes may know the metadata in different states: the newest counts. */
    public void look(MetaImage seen) {
        if (seen.index() > image.index()) {
            image = seen;
            view = new TopicsView(seen);
        }
    }

    public MetaImage image() {
        return image;
    }

    TopicsView view() {
        return view;
    }

    public @Nullable ConsumerGroup find(String groupId) {
        return groups.get(groupId);
    }

    public Collection<ConsumerGroup> all() {
        return groups.values();
    }

    public int count() {
        return groups.size();
    }

    /** Where the first facts of a new group will go. */
    ConsumerGroup create(String groupId) {
        return groups.computeIfAbsent(groupId, ConsumerGroup::new);
    }

    public ConsumerGroupConfig config(String groupId) {
        return config.of(groupId, image);
    }

    public void apply(ConsumerFact fact) {
        if (fact instanceof Erased erased) {
            ConsumerGroup group = groups.get(fact.groupId());
            if (erased.kind() == Kind.GROUP) {
                groups.remove(fact.groupId());
            } else if (group != null) {
                group.apply(fact);
            }
        } else {
            create(fact.groupId()).apply(fact);
        }
    }

    /** Every member has a whole session to report. */
    public void activated(long nowMs) {
        for (ConsumerGroup group : groups.values()) {
            for (ConsumerMember member : group.members()) {
                touch(group, member, nowMs);
                if (group.assignment(member.memberId()).state() == State.UNREVOKED) {
                    demand(group, member, nowMs);
                }
            }
        }
    }

    /** The member lives: its session begins anew. */
    public void touch(ConsumerGroup group, ConsumerMember member, long nowMs) {
        ConsumerMember.ClassicTerms classic = member.classic();
        int timeoutMs = classic == null ? config(group.id()).sessionTimeoutMs() : classic.sessionTimeoutMs();
        group.expectBy(member.memberId(), nowMs + timeoutMs);
        deadlines.want(group, nowMs + timeoutMs);
    }

    /** The member must do its part of the rebalance in the time that it asked for. */
    public void demand(ConsumerGroup group, ConsumerMember member, long nowMs) {
        group.demandBy(member.memberId(), nowMs + member.rebalanceTimeoutMs());
        deadlines.want(group, nowMs + member.rebalanceTimeoutMs());
    }

    /** The member has done its part. */
    public void demandNothing(ConsumerGroup group, ConsumerMember member) {
        group.demandNothing(member.memberId());
    }

    public void expire(long nowMs, Departure departure) {
        ConsumerGroup due = deadlines.due(nowMs);
        while (due != null) {
            if (groups.get(due.id()) == due) {
                List<ConsumerMember> lost = due.lost(nowMs);
                if (!lost.isEmpty()) {
                    departure.depart(due, lost);
                }
                deadlines.want(due, due.nextDeadlineMs());
            }
            due = deadlines.due(nowMs);
        }
    }

    public long nextDeadlineMs() {
        return deadlines.nextMs();
    }

    /** Takes members out; the others learn of it by their next heartbeats. */
    public void remove(ConsumerGroup group, List<ConsumerMember> gone, Ledger ledger) {
        for (ConsumerMember member : gone) {
            erase(group.id(), member.memberId(), ledger);
        }
        for (String regex : List.copyOf(group.regexes().keySet())) {
            dropIfUnused(group, regex, ledger);
        }
        ledger.log(new ConsumerFact.EpochBumped(group.id(), group.epoch() + 1, view.hash(group.subscribedTopics())));
        if (group.members().isEmpty()) {
            // Nobody's targets are there at once, and who joins next does not wait for the interval.
            ledger.log(new ConsumerFact.TargetsReached(group.id(), group.epoch(), 0));
        }
    }

    static void erase(String groupId, String memberId, Ledger ledger) {
        ledger.log(new Erased(groupId, Kind.ASSIGNMENT, memberId));
        ledger.log(new Erased(groupId, Kind.TARGET, memberId));
        ledger.log(new Erased(groupId, Kind.MEMBER, memberId));
    }

    static void dropIfUnused(ConsumerGroup group, String regex, Ledger ledger) {
        for (ConsumerMember member : group.members()) {
            if (member.topicRegex().equals(regex)) {
                return;
            }
        }
        ledger.log(new Erased(group.id(), Kind.REGEX, regex));
    }

    /** Nothing of the group is left. */
    public void delete(ConsumerGroup group, Ledger ledger) {
        for (ConsumerMember member : List.copyOf(group.members())) {
            erase(group.id(), member.memberId(), ledger);
        }
        for (RegexResolved resolved : List.copyOf(group.regexes().values())) {
            ledger.log(new Erased(group.id(), Kind.REGEX, resolved.regex()));
        }
        ledger.log(new Erased(group.id(), Kind.TARGETS, ""));
        ledger.log(new Erased(group.id(), Kind.GROUP, ""));
    }
}
