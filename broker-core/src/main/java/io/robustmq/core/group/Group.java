package io.robustmq.core.group;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupCommand.MemberTerms;
import io.robustmq.core.group.GroupFact.GroupSnapshot;
import io.robustmq.core.group.GroupFact.MemberSnapshot;
import io.robustmq.core.group.GroupReply.JoinedMember;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A group as it lives in its coordinator's memory: state, members, and who waits. Its offsets are with {@link Offsets}.
 * Owned by the coordinator's loop.
 */
final class Group extends Deadlines.Timed {
    final String id;
    GroupState state = GroupState.EMPTY;
    long stateSinceMs = -1;
    int generation;
    String protocolType = "";

    @Nullable
    String protocolName;

    @Nullable
    String leader;

    /** In the order of joining. */
    final Map<String, Member> members = new LinkedHashMap<>();
    /** Instance id to member id. */
    final Map<String, String> staticMembers = new HashMap<>();
    /** Ids handed out to members that have not come back with them, and until when they may. */
    final Map<String, Long> pendingMembers = new HashMap<>();
    /** Members of the generation that have not asked for their assignment. */
    final Set<String> pendingSync = new LinkedHashSet<>();

    /** The first rebalance of an empty group waits for latecomers; what is left of the time it may wait. */
    boolean initialDelay;

    long initialDelayLeftMs;
    boolean latecomer;

    long rebalanceDeadlineMs = Decider.NEVER;
    long syncDeadlineMs = Decider.NEVER;
    /** Topics of all members' subscriptions; null when they are not known, so that none may be taken for unused. */
    @Nullable
    Set<String> subscribedTopics;

    Group(String id) {
        this.id = id;
    }

    static Group restore(String id, GroupSnapshot snapshot) {
        Group group = new Group(id);
        group.generation = snapshot.generation();
        group.protocolType = snapshot.protocolType();
        group.protocolName = snapshot.protocol();
        group.leader = snapshot.leader();
        group.stateSinceMs = snapshot.stateSinceMs();
        group.state = snapshot.members().isEmpty() ? GroupState.EMPTY : GroupState.STABLE;
        for (MemberSnapshot saved : snapshot.members()) {
            List<JoinProtocol> protocols = snapshot.protocol() == null
                    ? List.of()
                    : List.of(new JoinProtocol(snapshot.protocol(), saved.subscription()));
            MemberTerms terms = new MemberTerms(
                    saved.rebalanceTimeoutMs(), saved.sessionTimeoutMs(), snapshot.protocolType(), protocols);
            Member member = new Member(saved.memberId(), saved.instanceId(), saved.client(), terms);
            member.assignment = saved.assignment();
            member.isNew = false;
            group.add(member);
        }
        group.leader = snapshot.leader();
        group.subscribedTopics = Subscriptions.topicsOf(group);
        return group;
    }

    GroupSnapshot snapshot() {
        List<MemberSnapshot> saved = new ArrayList<>(members.size());
        for (Member member : members.values()) {
            saved.add(new MemberSnapshot(
                    member.id,
                    member.instanceId,
                    member.client,
                    member.terms.rebalanceTimeoutMs(),
                    member.terms.sessionTimeoutMs(),
                    member.metadata(protocolName),
                    member.assignment));
        }
        return new GroupSnapshot(protocolType, generation, protocolName, leader, stateSinceMs, saved);
    }

    void become(GroupState next, long nowMs) {
        state = next;
        stateSinceMs = nowMs;
    }

    void add(Member member) {
        if (members.isEmpty()) {
            protocolType = member.terms.protocolType();
        }
        if (leader == null) {
            leader = member.id;
        }
        members.put(member.id, member);
        if (member.instanceId != null) {
            staticMembers.put(member.instanceId, member.id);
        }
    }

    /** Whoever waits in the member is not answered here. */
    void remove(Member member) {
        members.remove(member.id);
        pendingSync.remove(member.id);
        if (member.instanceId != null) {
            staticMembers.remove(member.instanceId, member.id);
        }
        if (member.id.equals(leader)) {
            leader = null;
            if (!electJoinedLeader() && !members.isEmpty()) {
                leader = members.keySet().iterator().next();
            }
        }
    }

    /** Makes sure that the leader is one who has joined the coming generation; false if nobody has. */
    boolean electJoinedLeader() {
        Member current = leader == null ? null : members.get(leader);
        if (current != null && current.awaitingJoin != null) {
            return true;
        }
        for (Member member : members.values()) {
            if (member.awaitingJoin != null) {
                leader = member.id;
                return true;
            }
        }
        return false;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leader);
    }

    /** Whether a request under these ids comes from a member as it is now. */
    BrokerError check(String memberId, @Nullable String instanceId) {
        if (instanceId != null) {
            String owner = staticMembers.get(instanceId);
            if (owner == null) {
                return BrokerError.UNKNOWN_MEMBER_ID;
            }
            return owner.equals(memberId) ? BrokerError.NONE : BrokerError.FENCED_INSTANCE_ID;
        }
        return members.containsKey(memberId) ? BrokerError.NONE : BrokerError.UNKNOWN_MEMBER_ID;
    }

    boolean supports(MemberTerms terms) {
        if (terms.protocolType().isEmpty() || terms.protocols().isEmpty()) {
            return false;
        }
        if (members.isEmpty()) {
            return true;
        }
        if (!protocolType.equals(terms.protocolType())) {
            return false;
        }
        for (JoinProtocol protocol : terms.protocols()) {
            if (allSupport(protocol.name())) {
                return true;
            }
        }
        return false;
    }

    /** Each member votes for the first of its protocols that all support; the first to have most votes wins. */
    String selectProtocol() {
        Map<String, Integer> votes = new LinkedHashMap<>();
        Member first = members.values().iterator().next();
        for (JoinProtocol protocol : first.terms.protocols()) {
            if (allSupport(protocol.name())) {
                votes.put(protocol.name(), 0);
            }
        }
        for (Member member : members.values()) {
            for (JoinProtocol protocol : member.terms.protocols()) {
                if (votes.computeIfPresent(protocol.name(), (name, count) -> count + 1) != null) {
                    break;
                }
            }
        }
        String winner = null;
        int most = 0;
        for (Map.Entry<String, Integer> vote : votes.entrySet()) {
            if (vote.getValue() > most) {
                most = vote.getValue();
                winner = vote.getKey();
            }
        }
        if (winner == null) {
            throw new AssertionError("members of group " + id + " have no protocol in common");
        }
        return winner;
    }

    boolean allJoined() {
        for (Member member : members.values()) {
            if (member.awaitingJoin == null) {
                return false;
            }
        }
        return pendingMembers.isEmpty();
    }

    int awaitingJoinCount() {
        int count = 0;
        for (Member member : members.values()) {
            if (member.awaitingJoin != null) {
                count++;
            }
        }
        return count;
    }

    /** The longest that any member asks for. */
    int rebalanceTimeoutMs() {
        int longest = 0;
        for (Member member : members.values()) {
            longest = Math.max(longest, member.terms.rebalanceTimeoutMs());
        }
        return longest;
    }

    List<JoinedMember> joinedMembers() {
        List<JoinedMember> joined = new ArrayList<>(members.size());
        for (Member member : members.values()) {
            joined.add(new JoinedMember(member.id, member.instanceId, member.metadata(protocolName)));
        }
        return joined;
    }

    /** Nothing here is worth remembering, offsets aside. */
    boolean isUnused() {
        return members.isEmpty() && pendingMembers.isEmpty() && generation == 0;
    }

    long nextDeadlineMs() {
        long next = Math.min(rebalanceDeadlineMs, syncDeadlineMs);
        for (Member member : members.values()) {
            next = Math.min(next, member.deadlineMs);
        }
        for (long until : pendingMembers.values()) {
            next = Math.min(next, until);
        }
        return next;
    }

    private boolean allSupport(String protocol) {
        for (Member member : members.values()) {
            if (!member.supports(protocol)) {
                return false;
            }
        }
        return true;
    }
}
