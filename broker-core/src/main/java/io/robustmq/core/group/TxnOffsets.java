package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.EndOffsets;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFact.OffsetPending;
import io.robustmq.core.group.GroupFact.PendingDropped;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.NeedsVerification;
import io.robustmq.core.group.GroupReply.Outcomes;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Offsets that are part of transactions: pending until the transaction ends, then committed in the order of the ends, or
 * dropped. Owned by the coordinator's loop.
 *
 * <p>The first commit of a transaction is answered by NeedsVerification, and comes again when the transaction's coordinator
 * has said that it includes this partition. A transaction that ends in between makes the verification void, so no offset is
 * left pending that nobody would end (KIP-890).
 */
final class TxnOffsets {
    private static final int TOKENS_PER_MS_SHIFT = 16;

    private final GroupConfig config;
    private final Map<Long, Pending> pending = new HashMap<>();
    /** How many producers have an offset pending for a partition, by group. */
    private final Map<String, Map<Key, Integer>> counts = new HashMap<>();
    /** Verifications under way and the epochs they are for, by producer; memory only. */
    private final Map<Long, Map<Long, Short>> verifying = new HashMap<>();

    private int verifyingCount;
    private long lastToken;

    TxnOffsets(GroupConfig config) {
        this.config = config;
    }

    /** A partition as a group commits it. */
    record Key(String groupId, String topic, int partition) {}

    /** What one producer's transaction will commit. */
    private static final class Pending {
        private short epoch;
        private final Map<Key, CommittedOffset> offsets = new LinkedHashMap<>();
    }

    /** Tokens of an earlier life, which may still come back, are none of this one's. */
    void activated(long nowMs) {
        lastToken = nowMs << TOKENS_PER_MS_SHIFT;
    }

    void apply(OffsetPending fact) {
        Pending of = pending.computeIfAbsent(fact.producerId(), producer -> new Pending());
        of.epoch = fact.producerEpoch();
        Key key = new Key(fact.groupId(), fact.topic(), fact.partition());
        if (of.offsets.put(key, fact.committed()) == null) {
            counts.computeIfAbsent(key.groupId(), group -> new HashMap<>()).merge(key, 1, Integer::sum);
        }
    }

    void apply(PendingDropped fact) {
        Pending of = pending.get(fact.producerId());
        Key key = new Key(fact.groupId(), fact.topic(), fact.partition());
        if (of != null && of.offsets.remove(key) != null) {
            counts.computeIfPresent(key.groupId(), (group, ofGroup) -> {
                ofGroup.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
                return ofGroup.isEmpty() ? null : ofGroup;
            });
            if (of.offsets.isEmpty()) {
                pending.remove(fact.producerId());
            }
        }
    }

    boolean isPending(String groupId, String topic, int partition) {
        Map<Key, Integer> ofGroup = counts.get(groupId);
        return ofGroup != null && ofGroup.containsKey(new Key(groupId, topic, partition));
    }

    boolean has(String groupId) {
        return counts.containsKey(groupId);
    }

    /** {@code group} null: there is no such group. */
    void commit(@Nullable Group group, CommitTxnOffsets commit, long nowMs, Draft draft) {
        commit(check(group, commit.member()), commit, nowMs, draft);
    }

    /** {@code refusal}: what the group says of who commits. */
    void commit(BrokerError refusal, CommitTxnOffsets commit, long nowMs, Draft draft) {
        BrokerError error = refusal;
        Pending of = pending.get(commit.producerId());
        if (error == BrokerError.NONE && of != null && of.epoch > commit.producerEpoch()) {
            error = BrokerError.INVALID_PRODUCER_EPOCH;
        }
        boolean open = of != null && of.epoch == commit.producerEpoch();
        if (error != BrokerError.NONE) {
            refuse(commit, error, draft);
        } else if (commit.verification() < 0 && !open) {
            verify(commit, draft);
        } else if (commit.verification() >= 0 && !endVerification(commit.producerId(), commit.verification())) {
            // The transaction ended meanwhile, or another coordinator took over: the producer may ask again.
            draft.answer(commit.requester(), new Done(BrokerError.COORDINATOR_LOADING));
        } else {
            log(commit, nowMs, draft);
        }
    }

    /** Also while the group rebalances: the transaction's producer has consumed in the present generation. */
    private static BrokerError check(@Nullable Group group, Membership who) {
        if (saysNothing(who)) {
            return BrokerError.NONE;
        }
        if (group == null) {
            return who.generation() < 0 ? BrokerError.NONE : BrokerError.GROUP_ID_NOT_FOUND;
        }
        if (group.state == GroupState.EMPTY && who.generation() < 0) {
            return BrokerError.NONE;
        }
        BrokerError error = group.check(who.memberId(), who.instanceId());
        return error == BrokerError.NONE && who.generation() != group.generation
                ? BrokerError.ILLEGAL_GENERATION
                : error;
    }

    /** Before version 3 of the request nobody says more. */
    static boolean saysNothing(Membership who) {
        return who.generation() < 0 && who.memberId().isEmpty() && who.instanceId() == null;
    }

    static void refuse(CommitTxnOffsets commit, BrokerError error, Draft draft) {
        draft.answer(commit.requester(), new Done(error));
    }

    private void verify(CommitTxnOffsets commit, Draft draft) {
        if (verifyingCount >= config.pendingMax()) {
            refuse(commit, BrokerError.OVERLOADED, draft);
            return;
        }
        lastToken++;
        verifyingCount++;
        verifying
                .computeIfAbsent(commit.producerId(), producer -> new HashMap<>())
                .put(lastToken, commit.producerEpoch());
        draft.answer(commit.requester(), new NeedsVerification(lastToken));
    }

    private boolean endVerification(long producerId, long token) {
        Map<Long, Short> tokens = verifying.get(producerId);
        if (tokens == null || tokens.remove(token) == null) {
            return false;
        }
        verifyingCount--;
        if (tokens.isEmpty()) {
            verifying.remove(producerId);
        }
        return true;
    }

    /** The coordinator of the transaction said no. */
    void giveUp(long producerId, long token) {
        endVerification(producerId, token);
    }

    private void log(CommitTxnOffsets commit, long nowMs, Draft draft) {
        List<BrokerError> errors = new ArrayList<>(commit.offsets().size());
        for (OffsetToCommit wanted : commit.offsets()) {
            if (wanted.metadata().length() > config.offsetMetadataBytesMax()) {
                errors.add(BrokerError.OFFSET_METADATA_TOO_LARGE);
                continue;
            }
            CommittedOffset committed = new CommittedOffset(
                    wanted.offset(), wanted.leaderEpoch(), wanted.metadata(), nowMs, -1, wanted.topicId());
            draft.log(new OffsetPending(
                    commit.groupId(),
                    commit.producerId(),
                    commit.producerEpoch(),
                    wanted.topic(),
                    wanted.partition(),
                    committed));
            errors.add(BrokerError.NONE);
        }
        draft.answer(commit.requester(), new Outcomes(errors));
    }

    /** The marker. It may come again: what was pending has gone then. */
    void end(EndOffsets end, Draft draft) {
        endVerifications(end);
        Pending of = pending.get(end.producerId());
        if (of != null && (of.epoch > end.producerEpoch() || (end.endsEpoch() && of.epoch == end.producerEpoch()))) {
            draft.answer(end.requester(), new Done(BrokerError.INVALID_PRODUCER_EPOCH));
            return;
        }
        if (of != null) {
            of.offsets.forEach((key, committed) -> {
                if (end.commits()) {
                    draft.log(new OffsetCommitted(key.groupId(), key.topic(), key.partition(), committed));
                }
                draft.log(new PendingDropped(key.groupId(), end.producerId(), key.topic(), key.partition()));
            });
        }
        draft.answer(end.requester(), new Done(BrokerError.NONE));
    }

    /** Those for the transaction that ends now; when its epoch ends with it, the marker's epoch is that of the next one. */
    private void endVerifications(EndOffsets end) {
        Map<Long, Short> tokens = verifying.get(end.producerId());
        if (tokens == null) {
            return;
        }
        int before = tokens.size();
        tokens.values()
                .removeIf(epoch -> epoch < end.producerEpoch() || (!end.endsEpoch() && epoch == end.producerEpoch()));
        verifyingCount -= before - tokens.size();
        if (tokens.isEmpty()) {
            verifying.remove(end.producerId());
        }
    }

    void removeAll(String groupId, Draft draft) {
        removeIf(draft, groupId, null);
    }

    void forget(Set<TopicId> topicIds, Draft draft) {
        removeIf(draft, null, topicIds);
    }

    /** Null for every group, or for every topic. */
    private void removeIf(Draft draft, @Nullable String groupId, @Nullable Set<TopicId> topicIds) {
        pending.forEach((producerId, of) -> of.offsets.forEach((key, committed) -> {
            boolean wanted = (groupId == null || key.groupId().equals(groupId))
                    && (topicIds == null || topicIds.contains(committed.topicId()));
            if (wanted) {
                draft.log(new PendingDropped(key.groupId(), producerId, key.topic(), key.partition()));
            }
        }));
    }

    /** A copy, for comparison. */
    Map<Long, Map<Key, CommittedOffset>> copy() {
        Map<Long, Map<Key, CommittedOffset>> copy = new HashMap<>();
        pending.forEach((producer, of) -> copy.put(producer, Map.copyOf(of.offsets)));
        return copy;
    }
}
