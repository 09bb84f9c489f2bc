package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.DeleteOffsets;
import io.robustmq.core.group.GroupCommand.FetchOffsets;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupCommand.TopicPartitions;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFact.OffsetRemoved;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.Fetched;
import io.robustmq.core.group.GroupReply.FetchedOffset;
import io.robustmq.core.group.GroupReply.Outcomes;
import io.robustmq.core.group.GroupReply.UnstableOffset;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** How far groups have come: by group, topic and partition. Changed only by facts. Owned by the coordinator's loop. */
final class Offsets {
    private final GroupConfig config;
    private final Rebalance rebalance;
    private final Map<String, Map<String, Map<Integer, CommittedOffset>>> byGroup = new HashMap<>();
    final TxnOffsets transactional;

    Offsets(GroupConfig config, Rebalance rebalance) {
        this.config = config;
        this.rebalance = rebalance;
        this.transactional = new TxnOffsets(config);
    }

    void apply(OffsetCommitted fact) {
        byGroup.computeIfAbsent(fact.groupId(), group -> new HashMap<>())
                .computeIfAbsent(fact.topic(), topic -> new HashMap<>())
                .put(fact.partition(), fact.committed());
    }

    void apply(OffsetRemoved fact) {
        Map<String, Map<Integer, CommittedOffset>> topics = byGroup.get(fact.groupId());
        Map<Integer, CommittedOffset> partitions = topics == null ? null : topics.get(fact.topic());
        if (topics == null || partitions == null) {
            return;
        }
        partitions.remove(fact.partition());
        if (partitions.isEmpty()) {
            topics.remove(fact.topic());
        }
        if (topics.isEmpty()) {
            byGroup.remove(fact.groupId());
        }
    }

    boolean has(String groupId) {
        return byGroup.containsKey(groupId) || transactional.has(groupId);
    }

    Set<String> groupIds() {
        return byGroup.keySet();
    }

    private Map<String, Map<Integer, CommittedOffset>> of(String groupId) {
        return byGroup.getOrDefault(groupId, Collections.emptyMap());
    }

    void commit(Group group, CommitOffsets commit, long nowMs, Draft draft) {
        BrokerError refusal = check(group, commit.member());
        if (refusal != BrokerError.NONE) {
            refuse(commit, refusal, draft);
            return;
        }
        Member member = group.members.get(commit.member().memberId());
        if (member != null && !member.isNew) {
            rebalance.touch(group, member, nowMs);
        }
        commit(group.id, commit, nowMs, draft);
    }

    /** Whoever commits may do so. */
    void commit(String groupId, CommitOffsets commit, long nowMs, Draft draft) {
        long expiresAtMs = commit.retentionMs() < 0 ? -1 : nowMs + commit.retentionMs();
        List<BrokerError> errors = new ArrayList<>(commit.offsets().size());
        for (OffsetToCommit wanted : commit.offsets()) {
            if (wanted.metadata().length() > config.offsetMetadataBytesMax()) {
                errors.add(BrokerError.OFFSET_METADATA_TOO_LARGE);
                continue;
            }
            CommittedOffset committed = new CommittedOffset(
                    wanted.offset(), wanted.leaderEpoch(), wanted.metadata(), nowMs, expiresAtMs, wanted.topicId());
            draft.log(new OffsetCommitted(groupId, wanted.topic(), wanted.partition(), committed));
            errors.add(BrokerError.NONE);
        }
        draft.answer(commit.requester(), new Outcomes(errors));
    }

    static void refuse(CommitOffsets commit, BrokerError error, Draft draft) {
        draft.answer(
                commit.requester(),
                new Outcomes(Collections.nCopies(commit.offsets().size(), error)));
    }

    /** Without generation and member it is an admin, or a consumer that assigns itself: only an empty group allows that. */
    private static BrokerError check(Group group, Membership who) {
        boolean anonymous = who.generation() < 0 && who.memberId().isEmpty() && who.instanceId() == null;
        if (group.state == GroupState.EMPTY && who.generation() < 0) {
            return BrokerError.NONE;
        }
        if (anonymous) {
            return BrokerError.UNKNOWN_MEMBER_ID;
        }
        BrokerError error = group.check(who.memberId(), who.instanceId());
        if (error != BrokerError.NONE) {
            return error;
        }
        if (who.generation() != group.generation) {
            return BrokerError.ILLEGAL_GENERATION;
        }
        return group.state == GroupState.COMPLETING_REBALANCE ? BrokerError.REBALANCE_IN_PROGRESS : BrokerError.NONE;
    }

    void fetch(FetchOffsets fetch, Draft draft) {
        List<FetchedOffset> found = new ArrayList<>();
        Set<UnstableOffset> unstable = fetch.requireStable() ? new HashSet<>() : Set.of();
        Map<String, Map<Integer, CommittedOffset>> topics = of(fetch.groupId());
        List<TopicPartitions> wanted = fetch.topics();
        if (wanted == null) {
            topics.forEach((topic, partitions) -> partitions.forEach((partition, committed) -> {
                found.add(new FetchedOffset(topic, partition, committed));
                addUnstable(fetch, topic, partition, unstable);
            }));
        } else {
            for (TopicPartitions topic : wanted) {
                Map<Integer, CommittedOffset> partitions = topics.getOrDefault(topic.topic(), Collections.emptyMap());
                for (int partition : topic.partitions()) {
                    CommittedOffset committed = partitions.get(partition);
                    addUnstable(fetch, topic.topic(), partition, unstable);
                    if (committed != null) {
                        found.add(new FetchedOffset(topic.topic(), partition, committed));
                    }
                }
            }
        }
        draft.answer(fetch.requester(), new Fetched(found, unstable));
    }

    private void addUnstable(FetchOffsets fetch, String topic, int partition, Set<UnstableOffset> unstable) {
        if (fetch.requireStable() && transactional.isPending(fetch.groupId(), topic, partition)) {
            unstable.add(new UnstableOffset(topic, partition));
        }
    }

    void delete(Group group, DeleteOffsets delete, Draft draft) {
        if (group.state != GroupState.EMPTY && !group.protocolType.equals(Subscriptions.CONSUMER)) {
            draft.answer(delete.requester(), new Done(BrokerError.NON_EMPTY_GROUP));
            return;
        }
        Map<String, Map<Integer, CommittedOffset>> topics = of(group.id);
        List<BrokerError> errors = new ArrayList<>();
        for (TopicPartitions topic : delete.topics()) {
            boolean inUse = group.state != GroupState.EMPTY && mayBeSubscribed(group, topic.topic());
            Map<Integer, CommittedOffset> partitions = topics.getOrDefault(topic.topic(), Collections.emptyMap());
            for (int partition : topic.partitions()) {
                errors.add(inUse ? BrokerError.GROUP_SUBSCRIBED_TO_TOPIC : BrokerError.NONE);
                if (!inUse && partitions.containsKey(partition)) {
                    draft.log(new OffsetRemoved(group.id, topic.topic(), partition));
                }
            }
        }
        draft.answer(delete.requester(), new Outcomes(errors));
    }

    private static boolean mayBeSubscribed(Group group, String topic) {
        Set<String> subscribed = group.subscribedTopics;
        return subscribed == null || subscribed.contains(topic);
    }

    /** Drops what the group has; true if nothing is left. */
    boolean removeAll(String groupId, Draft draft) {
        transactional.removeAll(groupId, draft);
        return removeIf(groupId, draft, (topic, committed) -> true);
    }

    void forget(Set<TopicId> topicIds, Draft draft) {
        transactional.forget(topicIds, draft);
        for (String groupId : byGroup.keySet()) {
            removeIf(groupId, draft, (topic, committed) -> topicIds.contains(committed.topicId()));
        }
    }

    /**
     * Drops what is past its retention; true if nothing is left. It counts from the time the group became empty; for a
     * topic that a live group no longer subscribes to, and for a group that never had members, from the commit (KIP-211).
     * A group that is part of a transaction keeps all it has.
     */
    boolean expire(Group group, long nowMs, Draft draft) {
        if (transactional.has(group.id)) {
            return false;
        }
        boolean empty = group.state == GroupState.EMPTY;
        boolean neverHadMembers = empty && group.protocolType.isEmpty();
        return removeIf(group.id, draft, (topic, committed) -> {
            if (!empty && mayBeSubscribed(group, topic)) {
                return false;
            }
            if (committed.expiresAtMs() >= 0) {
                return committed.expiresAtMs() <= nowMs;
            }
            long since = empty && !neverHadMembers && group.stateSinceMs >= 0
                    ? group.stateSinceMs
                    : committed.committedAtMs();
            return since + config.offsetsRetentionMs() <= nowMs;
        });
    }

    private boolean removeIf(String groupId, Draft draft, BiPredicate<String, CommittedOffset> condition) {
        boolean nothingLeft = true;
        for (Map.Entry<String, Map<Integer, CommittedOffset>> topic :
                of(groupId).entrySet()) {
            for (Map.Entry<Integer, CommittedOffset> partition :
                    topic.getValue().entrySet()) {
                if (condition.test(topic.getKey(), partition.getValue())) {
                    draft.log(new OffsetRemoved(groupId, topic.getKey(), partition.getKey()));
                } else {
                    nothingLeft = false;
                }
            }
        }
        return nothingLeft;
    }

    @Nullable
    CommittedOffset find(String groupId, String topic, int partition) {
        return of(groupId).getOrDefault(topic, Collections.emptyMap()).get(partition);
    }

    /** A copy, for comparison. */
    Map<String, Map<String, Map<Integer, CommittedOffset>>> copy() {
        Map<String, Map<String, Map<Integer, CommittedOffset>>> copy = new HashMap<>();
        byGroup.forEach((group, topics) -> {
            Map<String, Map<Integer, CommittedOffset>> copied = new HashMap<>();
            topics.forEach((topic, partitions) -> copied.put(topic, Map.copyOf(partitions)));
            copy.put(group, copied);
        });
        return copy;
    }
}
