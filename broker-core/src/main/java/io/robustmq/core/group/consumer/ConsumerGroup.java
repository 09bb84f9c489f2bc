package io.robustmq.core.group.consumer;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.Erased;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.RegexResolved;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.MemberAssignment.State;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A group as it is. Facts alone change it, but for the deadlines, which are lost with the coordinator. Owned by the
 * coordinator's loop.
 */
public final class ConsumerGroup extends Deadlines.Timed {
    /** A group begins at it, before its first member makes it the next one. */
    private static final int FIRST_EPOCH = 1;

    private final String id;
    private int epoch = FIRST_EPOCH;
    private long metadataHash;
    private int targetEpoch = FIRST_EPOCH;
    private long targetsAtMs;
    private final Map<String, ConsumerMember> members = new LinkedHashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();
    private final Map<String, Partitions> targets = new HashMap<>();
    private final Map<String, MemberAssignment> assignments = new HashMap<>();
    private final Map<String, RegexResolved> regexes = new HashMap<>();
    /** Who holds which partition, given up or not. */
    private final Map<TopicId, Map<Integer, String>> holders = new HashMap<>();

    /** Until when a member is believed alive. */
    private final Map<String, Long> sessions = new HashMap<>();
    /** Until when a member must have done what was asked of it. */
    private final Map<String, Long> overdue = new HashMap<>();

    private final Map<String, Long> resolvedAt = new HashMap<>();
    /** Whether and as of when the topics were compared with the metadata; not durable: looking twice does no harm. */
    long lookedAtIndex = -1;

    ConsumerGroup(String id) {
        this.id = id;
    }

    /** What the group is doing. */
    public enum Phase {
        EMPTY("Empty"),
        ASSIGNING("Assigning"),
        RECONCILING("Reconciling"),
        STABLE("Stable");

        private final String text;

        Phase(String text) {
            this.text = text;
        }

        /** As Kafka's tools show it. */
        public String text() {
            return text;
        }
    }

    public Phase phase() {
        if (members.isEmpty()) {
            return Phase.EMPTY;
        }
        if (epoch > targetEpoch) {
            return Phase.ASSIGNING;
        }
        for (String memberId : members.keySet()) {
            MemberAssignment has = assignment(memberId);
            if (has.state() != State.STABLE || has.epoch() != targetEpoch) {
                return Phase.RECONCILING;
            }
        }
        return Phase.STABLE;
    }

    void apply(ConsumerFact fact) {
        if (fact instanceof EpochBumped bumped) {
            epoch = bumped.epoch();
            metadataHash = bumped.metadataHash();
        } else if (fact instanceof MemberChanged changed) {
            ConsumerMember member = changed.member();
            members.put(member.memberId(), member);
            if (member.instanceId() != null) {
                staticMembers.put(member.instanceId(), member.memberId());
            }
        } else if (fact instanceof TargetsReached reached) {
            targetEpoch = reached.epoch();
            targetsAtMs = reached.atMs();
        } else if (fact instanceof TargetChanged changed) {
            targets.put(changed.memberId(), changed.target());
        } else if (fact instanceof AssignmentChanged changed) {
            hold(changed.memberId(), assignments.put(changed.memberId(), changed.assignment()), changed.assignment());
        } else if (fact instanceof RegexResolved resolved) {
            regexes.put(resolved.regex(), resolved);
        } else if (fact instanceof Erased erased) {
            erase(erased);
        } else {
            throw new AssertionError(fact);
        }
    }

    private void erase(Erased erased) {
        String name = erased.name();
        switch (erased.kind()) {
            case MEMBER -> {
                ConsumerMember gone = members.remove(name);
                if (gone != null && gone.instanceId() != null) {
                    staticMembers.remove(gone.instanceId(), name);
                }
                sessions.remove(name);
                overdue.remove(name);
            }
            case TARGET -> targets.remove(name);
            case ASSIGNMENT -> hold(name, assignments.remove(name), null);
            case REGEX -> {
                regexes.remove(name);
                resolvedAt.remove(name);
            }
            case TARGETS -> {
                targetEpoch = FIRST_EPOCH;
                targetsAtMs = 0;
            }
            case GROUP -> epoch = FIRST_EPOCH;
        }
    }

    private void hold(String memberId, @Nullable MemberAssignment before, @Nullable MemberAssignment now) {
        if (before != null) {
            before.held().forEach((topic, partition, epoch) -> {
                Map<Integer, String> ofTopic = holders.get(topic);
                if (ofTopic != null && ofTopic.remove(partition, memberId) && ofTopic.isEmpty()) {
                    holders.remove(topic);
                }
            });
        }
        if (now != null) {
            now.held().forEach((topic, partition, epoch) -> holders.computeIfAbsent(topic, key -> new HashMap<>())
                    .put(partition, memberId));
        }
    }

    public String id() {
        return id;
    }

    public int epoch() {
        return epoch;
    }

    long metadataHash() {
        return metadataHash;
    }

    /** Whether new targets may be planned: those before are old enough, or there are none. */
    boolean mayRetarget(int intervalMs, long nowMs) {
        return targetsAtMs == 0 || nowMs >= targetsAtMs + intervalMs;
    }

    public int targetEpoch() {
        return targetEpoch;
    }

    public Collection<ConsumerMember> members() {
        return members.values();
    }

    public @Nullable ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    public @Nullable ConsumerMember staticMember(String instanceId) {
        String memberId = staticMembers.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    public Partitions target(String memberId) {
        return targets.getOrDefault(memberId, Partitions.NONE);
    }

    public MemberAssignment assignment(String memberId) {
        return assignments.getOrDefault(memberId, MemberAssignment.NEW);
    }

    /** The metadata that the expression was last compared with; -1 for none that this coordinator remembers. */
    long resolvedAt(String regex) {
        return resolvedAt.getOrDefault(regex, -1L);
    }

    void resolvedAt(String regex, long metaIndex) {
        resolvedAt.put(regex, metaIndex);
    }

    Map<String, RegexResolved> regexes() {
        return regexes;
    }

    /** Whether nobody but the member holds the partition. */
    boolean isFreeFor(String memberId, TopicId topic, int partition) {
        Map<Integer, String> ofTopic = holders.get(topic);
        String holder = ofTopic == null ? null : ofTopic.get(partition);
        return holder == null || holder.equals(memberId);
    }

    /** Whether a partition of the member's target that it does not have could be given to it. */
    public boolean canHaveMore(String memberId) {
        Partitions wanted = target(memberId).minus(assignment(memberId).assigned());
        return !wanted.filter((topic, partition) -> isFreeFor(memberId, topic, partition))
                .isEmpty();
    }

    /** Names the member subscribes to, those that its expression was found to match included. */
    List<String> topicsOf(ConsumerMember member) {
        RegexResolved resolved = regexes.get(member.topicRegex());
        if (member.topicRegex().isEmpty() || resolved == null) {
            return member.topicNames();
        }
        List<String> all = new ArrayList<>(member.topicNames());
        all.addAll(resolved.topics());
        return all;
    }

    /** Of all members. */
    public Set<String> subscribedTopics() {
        Set<String> topics = new TreeSet<>();
        members.values().forEach(member -> topics.addAll(topicsOf(member)));
        return topics;
    }

    public boolean allSpeakClassicBut(String memberId) {
        for (ConsumerMember member : members.values()) {
            if (member.classic() == null && !member.memberId().equals(memberId)) {
                return false;
            }
        }
        return true;
    }

    void expectBy(String memberId, long atMs) {
        sessions.put(memberId, atMs);
    }

    /** Leaves an earlier demand as it is. */
    void demandBy(String memberId, long atMs) {
        overdue.putIfAbsent(memberId, atMs);
    }

    void demandNothing(String memberId) {
        overdue.remove(memberId);
    }

    /** Members that are silent or in the way. */
    List<ConsumerMember> lost(long nowMs) {
        List<ConsumerMember> lost = new ArrayList<>();
        for (ConsumerMember member : members.values()) {
            String memberId = member.memberId();
            if (sessions.getOrDefault(memberId, Decider.NEVER) <= nowMs
                    || overdue.getOrDefault(memberId, Decider.NEVER) <= nowMs) {
                lost.add(member);
            }
        }
        return lost;
    }

    long nextDeadlineMs() {
        long next = Decider.NEVER;
        for (long atMs : sessions.values()) {
            next = Math.min(next, atMs);
        }
        for (long atMs : overdue.values()) {
            next = Math.min(next, atMs);
        }
        return next;
    }

    /** The group as facts, for comparison and for taking its place. */
    public List<ConsumerFact> facts() {
        List<ConsumerFact> facts = new ArrayList<>();
        facts.add(new EpochBumped(id, epoch, metadataHash));
        members.values().forEach(member -> facts.add(new MemberChanged(id, member)));
        facts.add(new TargetsReached(id, targetEpoch, targetsAtMs));
        members.keySet().forEach(memberId -> facts.add(new TargetChanged(id, memberId, target(memberId))));
        members.keySet().forEach(memberId -> facts.add(new AssignmentChanged(id, memberId, assignment(memberId))));
        facts.addAll(regexes.values());
        return facts;
    }
}
