package io.robustmq.core.tier;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.tier.TierCommand.Claim;
import io.robustmq.core.tier.TierCommand.Commit;
import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.core.tier.TierCommand.Lead;
import io.robustmq.core.tier.TierCommand.OfPartition;
import io.robustmq.core.tier.TierCommand.Retire;
import io.robustmq.core.tier.TierEffect.Answer;
import io.robustmq.core.tier.TierEffect.Refuse;
import io.robustmq.core.tier.TierFact.Dropped;
import io.robustmq.core.tier.TierFact.Forgotten;
import io.robustmq.core.tier.TierFact.Led;
import io.robustmq.core.tier.TierFact.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The manifests of the partitions that one partition of {@code __segments} keeps. Pure.
 *
 * <pre>
 *   (nothing) ── Commit ──► live ── Retire ──► retired ── delay, objects deleted ──► (nothing)
 *
 *   is not to be stored any more ──► gone ── delay, all objects deleted ──► empty
 *   topic is not there ──► gone ── delay, all objects deleted ──► cleared ── no upload can end any more, all deleted again ──► forgotten
 * </pre>
 *
 * <ul>
 *   <li>Only who led last may change a manifest: an older leader epoch, or an earlier term, is refused.
 *   <li>What is live has no gaps: a segment begins where the one before ends.
 *   <li>Objects are deleted only here, and only of what is retired, or of a partition that is gone.
 *   <li>A term is never given twice while the topic is there: what was sent in one counts in no other.
 * </ul>
 */
public final class TierMachine implements Decider<TierCommand, TierFact, TierEffect> {
    static final int AT_ONCE_MAX = 500;
    private static final long RETRY_MS = 10_000;
    private static final long WHOLE = -1;
    /** Leads what was emptied. */
    private static final int NOBODY = -1;
    /** Leads what is deleted, and was cleared once: an upload may have ended since. */
    private static final int NOBODY_EVER = -2;

    private final int manifestPartition;
    private final long deleteDelayMs;
    private final Map<Partition, StoredSegments> partitions = new HashMap<>();
    private final PriorityQueue<Due> due = new PriorityQueue<>();

    /** When something is to be deleted; of the whole partition without a base offset. */
    private record Due(long atMs, Partition partition, long baseOffset) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return Long.compare(atMs, other.atMs);
        }
    }

    public TierMachine(int manifestPartition, long deleteDelayMs) {
        this.manifestPartition = manifestPartition;
        this.deleteDelayMs = deleteDelayMs;
    }

    @Override
    public Decision<TierFact, TierEffect> activated(long nowMs) {
        return Decision.effect(new TierEffect.CheckTopics(manifestPartition));
    }

    @Override
    public Decision<TierFact, TierEffect> decide(TierCommand command, long nowMs) {
        if (command instanceof OfPartition one) {
            StoredSegments known = partitions.getOrDefault(one.partition(), new StoredSegments());
            return decide(one, known, nowMs);
        }
        if (command instanceof TierCommand.ForgetDeleted forget) {
            return forgetDeleted(forget.image(), nowMs);
        }
        if (command instanceof TierCommand.Tick) {
            return delete(nowMs);
        }
        throw new AssertionError(command);
    }

    private Decision<TierFact, TierEffect> decide(OfPartition command, StoredSegments known, long nowMs) {
        if (command instanceof Lead lead) {
            return lead(lead, known);
        }
        if (command instanceof Commit commit) {
            return commit(commit, known);
        }
        if (command instanceof Retire retire) {
            return retire(retire, known, nowMs);
        }
        if (command instanceof Describe describe) {
            List<TierSegment> there = known.isGone() ? List.of() : known.live();
            return Decision.effect(new Answer(describe.requester(), new TierManifest(known.term, there)));
        }
        if (command instanceof TierCommand.Removed removed) {
            List<TierFact> dropped = new ArrayList<>();
            removed.baseOffsets().forEach(base -> dropped.add(new Dropped(removed.partition(), base)));
            return new Decision<>(known.term == 0 ? List.of() : dropped, List.of());
        }
        if (command instanceof TierCommand.Cleared cleared) {
            return cleared(cleared, known, nowMs);
        }
        if (command instanceof TierCommand.DeletionFailed failed) {
            return deleteAgain(failed, known, nowMs);
        }
        throw new AssertionError(command);
    }

    private static Decision<TierFact, TierEffect> lead(Lead lead, StoredSegments known) {
        boolean isOld = known.leaderEpoch == NOBODY && lead.imageIndex() < known.imageIndex;
        if (known.isGone() || isOld || lead.leaderEpoch() < known.leaderEpoch) {
            return refuse(lead, BrokerError.FENCED_LEADER_EPOCH);
        }
        long term = known.term + 1;
        long imageIndex = Math.max(known.imageIndex, lead.imageIndex());
        return Decision.of(
                new Led(lead.partition(), lead.leaderEpoch(), term, imageIndex, TierFact.NEVER),
                new Answer(lead.requester(), new TierManifest(term, known.live())));
    }

    private static Decision<TierFact, TierEffect> commit(Commit commit, StoredSegments known) {
        if (!holds(commit.claim(), known)) {
            return refuse(commit, BrokerError.FENCED_LEADER_EPOCH);
        }
        TierSegment segment = commit.segment();
        Answer answer = new Answer(commit.requester(), new TierManifest(known.term, List.of(segment)));
        Stored same = known.get(segment.baseOffset());
        if (same != null && same.segment().equals(segment) && same.retiredAtMs() == TierFact.NEVER) {
            return Decision.effect(answer);
        }
        return known.takes(segment)
                ? Decision.of(new Stored(commit.partition(), segment, TierFact.NEVER), answer)
                : refuse(commit, BrokerError.INVALID_REQUEST);
    }

    private static Decision<TierFact, TierEffect> retire(Retire retire, StoredSegments known, long nowMs) {
        if (!holds(retire.claim(), known)) {
            return refuse(retire, BrokerError.FENCED_LEADER_EPOCH);
        }
        List<TierSegment> going = known.liveBefore(retire.beforeOffset(), AT_ONCE_MAX);
        List<TierFact> facts = new ArrayList<>();
        going.forEach(segment -> facts.add(new Stored(retire.partition(), segment, nowMs)));
        return new Decision<>(facts, List.of(new Answer(retire.requester(), new TierManifest(known.term, going))));
    }

    private static boolean holds(Claim claim, StoredSegments known) {
        return !known.isGone() && claim.leaderEpoch() == known.leaderEpoch && claim.term() == known.term;
    }

    private static Decision<TierFact, TierEffect> refuse(TierCommand command, BrokerError error) {
        return Decision.effect(new Refuse(command.requester(), error));
    }

    /**
     * A topic that is not in the image was deleted, and one that is not to be stored there was taken back, unless the image is older
     * than who said last that it leads the partition.
     */
    private Decision<TierFact, TierEffect> forgetDeleted(MetaImage image, long nowMs) {
        List<TierFact> gone = new ArrayList<>();
        partitions.forEach((partition, known) -> {
            if (image.index() < known.imageIndex) {
                return;
            }
            TopicImage topic = image.topic(partition.topicId());
            known.isDeleted = topic == null;
            boolean isTakenBack =
                    topic != null && known.leaderEpoch != NOBODY && !TopicSettings.isStored(topic.configs());
            if (!known.isGone() && (known.isDeleted || isTakenBack)) {
                long index = isTakenBack ? image.index() : known.imageIndex;
                gone.add(new Led(partition, known.leaderEpoch, known.term + 1, index, nowMs));
            }
        });
        return new Decision<>(gone, List.of());
    }

    private Decision<TierFact, TierEffect> delete(long nowMs) {
        Map<Partition, List<TierSegment>> objects = new HashMap<>();
        List<TierEffect> effects = new ArrayList<>();
        for (int count = 0; count < AT_ONCE_MAX; count++) {
            Due next = due.peek();
            if (next == null || next.atMs > nowMs) {
                break;
            }
            due.remove();
            StoredSegments known = partitions.get(next.partition);
            if (known == null) {
                continue;
            }
            if (next.baseOffset == WHOLE) {
                if (known.isGone()) {
                    effects.add(new TierEffect.Clear(next.partition, known.term));
                }
                continue;
            }
            Stored stored = known.get(next.baseOffset);
            if (stored != null && !known.isGone() && isRetired(stored) && known.deleting.add(next.baseOffset)) {
                objects.computeIfAbsent(next.partition, partition -> new ArrayList<>())
                        .add(stored.segment());
            }
        }
        objects.forEach((partition, segments) -> effects.add(new TierEffect.Delete(partition, segments)));
        return new Decision<>(List.of(), effects);
    }

    private Decision<TierFact, TierEffect> deleteAgain(
            TierCommand.DeletionFailed failed, StoredSegments known, long nowMs) {
        if (failed.baseOffsets().isEmpty()) {
            due.add(new Due(nowMs + RETRY_MS, failed.partition(), WHOLE));
        }
        for (long base : failed.baseOffsets()) {
            known.deleting.remove(base);
            due.add(new Due(nowMs + RETRY_MS, failed.partition(), base));
        }
        return Decision.nothing();
    }

    private static Decision<TierFact, TierEffect> cleared(
            TierCommand.Cleared cleared, StoredSegments known, long nowMs) {
        if (!known.isGone() || cleared.term() != known.term) {
            return Decision.nothing();
        }
        Partition partition = cleared.partition();
        List<TierFact> facts = new ArrayList<>();
        known.bases().forEach(base -> facts.add(new Dropped(partition, base)));
        if (!known.isDeleted) {
            facts.add(new Led(partition, NOBODY, known.term, known.imageIndex, TierFact.NEVER));
        } else if (known.leaderEpoch == NOBODY_EVER) {
            facts.add(new Forgotten(partition));
        } else {
            long againMs = nowMs + TierObjects.UPLOAD_MS_MAX;
            facts.add(new Led(partition, NOBODY_EVER, known.term + 1, known.imageIndex, againMs));
        }
        return new Decision<>(facts, List.of());
    }

    private static boolean isRetired(@Nullable Stored stored) {
        return stored != null && stored.retiredAtMs() != TierFact.NEVER;
    }

    @Override
    public void apply(TierFact fact) {
        if (fact instanceof Forgotten) {
            partitions.remove(fact.partition());
            return;
        }
        if (fact instanceof Dropped dropped) {
            StoredSegments known = partitions.get(dropped.partition());
            if (known != null) {
                known.remove(dropped.baseOffset());
            }
            return;
        }
        StoredSegments known = partitions.computeIfAbsent(fact.partition(), partition -> new StoredSegments());
        if (fact instanceof Led led) {
            known.leaderEpoch = led.leaderEpoch();
            known.term = led.term();
            known.imageIndex = led.imageIndex();
            known.goneAtMs = led.goneAtMs();
            if (known.isGone()) {
                due.add(new Due(led.goneAtMs() + deleteDelayMs, led.partition(), WHOLE));
            }
        } else if (fact instanceof Stored stored) {
            known.put(stored);
            if (isRetired(stored)) {
                due.add(new Due(
                        stored.retiredAtMs() + deleteDelayMs,
                        stored.partition(),
                        stored.segment().baseOffset()));
            }
        } else {
            throw new AssertionError(fact);
        }
    }

    @Override
    public long wakeAtMs() {
        Due next = due.peek();
        return next == null ? NEVER : next.atMs;
    }
}
