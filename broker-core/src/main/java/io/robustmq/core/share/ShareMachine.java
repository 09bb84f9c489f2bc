package io.robustmq.core.share;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Archive;
import io.robustmq.core.share.ShareCommand.Describe;
import io.robustmq.core.share.ShareCommand.ForgetGroup;
import io.robustmq.core.share.ShareCommand.ForgetTopics;
import io.robustmq.core.share.ShareCommand.ForgetUnknown;
import io.robustmq.core.share.ShareCommand.LeadersMoved;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.Move;
import io.robustmq.core.share.ShareCommand.Release;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Tick;
import io.robustmq.core.share.ShareFact.Forgotten;
import io.robustmq.core.share.ShareFact.Progressed;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareReply.Described;
import io.robustmq.core.share.ShareReply.DescribedPartition;
import io.robustmq.core.share.ShareReply.Done;
import io.robustmq.core.share.ShareReply.NotStarted;
import io.robustmq.core.share.ShareReply.Removed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What groups share, of one partition of {@code __share_group_state}. Owned by the coordinator's loop.
 *
 * <p>What is durable ({@link #saved}) changes in {@link #apply} alone. The partitions at work change while a command is
 * decided; the runtime lets nobody see that before the facts are committed, and when that fails drops this machine and
 * builds another from the log.
 */
public final class ShareMachine implements Decider<ShareCommand, ShareFact, ShareEffect> {
    private final int statePartition;
    private final int partitionsMax;
    private final Map<ShareKey, Progressed> saved = new HashMap<>();
    private final Map<ShareKey, SharePartition> working = new HashMap<>();
    private final Deadlines<SharePartition> deadlines = new Deadlines<>();

    public ShareMachine(int statePartition, int partitionsMax) {
        this.statePartition = statePartition;
        this.partitionsMax = partitionsMax;
    }

    /** A decision being made. */
    private static final class Draft {
        private final List<ShareFact> facts = new ArrayList<>(1);
        private final List<ShareEffect> effects = new ArrayList<>(1);

        void log(ShareFact fact) {
            facts.add(fact);
        }

        void answer(ShareCommand command, ShareReply reply) {
            effects.add(new ShareEffect.Answer(command.requester(), reply));
        }

        void wake(SharePartition partition) {
            partition.takeWaiters().forEach(waiter -> effects.add(new ShareEffect.Wake(waiter)));
        }

        Decision<ShareFact, ShareEffect> decision() {
            return new Decision<>(facts, effects);
        }
    }

    @Override
    public Decision<ShareFact, ShareEffect> decide(ShareCommand command, long nowMs) {
        Draft draft = new Draft();
        if (command instanceof Acquire acquire) {
            acquire(acquire, nowMs, draft);
        } else if (command instanceof Acknowledge acknowledge) {
            acknowledge(acknowledge, nowMs, draft);
        } else if (command instanceof Release release) {
            release(release, draft);
        } else if (command instanceof Archive archive) {
            archive(archive, draft);
        } else if (command instanceof Start start) {
            start(start, draft);
        } else if (command instanceof Move move) {
            move(move, draft);
        } else if (command instanceof ForgetGroup forget) {
            int removed = forget(
                    progress -> progress.key().groupId().equals(forget.groupId())
                            && (forget.topicIds().isEmpty() || forget.topicIds().contains(topicOf(progress))),
                    draft);
            draft.answer(forget, new Removed(removed));
        } else if (command instanceof ForgetTopics forget) {
            Set<TopicId> topics = forget.topicIds();
            forget(progress -> topics.contains(topicOf(progress)), draft);
        } else if (command instanceof ForgetUnknown forget) {
            forget(progress -> progress.isUnknownTo(forget.image()), draft);
        } else if (command instanceof LeadersMoved moved) {
            release(moved, draft);
        } else if (command instanceof Describe describe) {
            draft.answer(describe, describe(describe.groupId()));
        } else if (command instanceof Tick) {
            tick(nowMs, draft);
        } else {
            throw new AssertionError(command);
        }
        return draft.decision();
    }

    private void acquire(Acquire acquire, long nowMs, Draft draft) {
        SharePartition partition = find(acquire.key());
        if (partition == null) {
            draft.answer(acquire, new NotStarted());
            return;
        }
        partition.obey(acquire.terms());
        partition.fit(acquire.log());
        Acquisition acquisition = new Acquisition(partition, acquire, nowMs);
        acquisition.take(acquire.seen());
        if (acquisition.gaveUp()) {
            settle(partition, draft);
        }
        if (!acquisition.acquired().isEmpty()) {
            deadlines.want(partition, acquisition.untilMs());
        }
        partition.await(acquire.memberId(), acquire.waiter());
        draft.answer(acquire, new Acquired(acquisition.acquired(), partition.nextAvailable(), acquisition.full()));
    }

    private void acknowledge(Acknowledge acknowledge, long nowMs, Draft draft) {
        SharePartition partition = find(acknowledge.key());
        if (partition == null) {
            draft.answer(acknowledge, new Done(BrokerError.INVALID_RECORD_STATE));
            return;
        }
        partition.obey(acknowledge.terms());
        BrokerError error =
                partition.acknowledge(acknowledge.memberId(), acknowledge.terms(), acknowledge.records(), nowMs);
        if (error == BrokerError.NONE) {
            settle(partition, draft);
            draft.wake(partition);
            deadlines.want(partition, partition.nextDeadlineMs());
        }
        draft.answer(acknowledge, new Done(error));
    }

    private void release(Release release, Draft draft) {
        SharePartition partition = working.get(release.key());
        if (partition != null) {
            partition.forgetWaiter(release.memberId());
            if (partition.release(release.memberId())) {
                settle(partition, draft);
                draft.wake(partition);
            }
        }
        draft.answer(release, new Done(BrokerError.NONE));
    }

    private void release(LeadersMoved moved, Draft draft) {
        for (SharePartition partition : List.copyOf(working.values())) {
            Integer epoch = moved.epochs().get(partition.key.partition());
            if (epoch != null && partition.releaseBefore(epoch)) {
                settle(partition, draft);
                draft.wake(partition);
            }
        }
    }

    private void archive(Archive archive, Draft draft) {
        // Before what is to be written next: who writes then knows that this has been heard.
        draft.answer(archive, new Done(BrokerError.NONE));
        SharePartition partition = find(archive.key());
        if (partition != null) {
            partition.archive(archive.first(), archive.last());
            settle(partition, draft);
            draft.wake(partition);
        }
    }

    private void start(Start start, Draft draft) {
        if (saved.containsKey(start.key())) {
            draft.answer(start, new Done(BrokerError.NONE));
        } else {
            begin(start, start.key(), start.offset(), start.imageIndex(), draft);
        }
    }

    private void move(Move move, Draft draft) {
        SharePartition partition = find(move.key());
        if (partition == null) {
            begin(move, move.key(), move.offset(), move.imageIndex(), draft);
            return;
        }
        partition.move(move.offset());
        draft.log(partition.snapshot());
        draft.wake(partition);
        draft.answer(move, new Done(BrokerError.NONE));
    }

    private void begin(ShareCommand command, ShareKey key, long offset, long imageIndex, Draft draft) {
        if (saved.size() >= partitionsMax) {
            draft.answer(command, new Done(BrokerError.GROUP_MAX_SIZE_REACHED));
            return;
        }
        draft.log(new Progressed(key, 0, LogBounds.UNKNOWN_EPOCH, imageIndex, offset, List.of()));
        draft.answer(command, new Done(BrokerError.NONE));
    }

    private static TopicId topicOf(Progressed progress) {
        return progress.key().partition().topicId();
    }

    private int forget(Predicate<Progressed> which, Draft draft) {
        int count = 0;
        for (Progressed progress : List.copyOf(saved.values())) {
            ShareKey key = progress.key();
            if (which.test(progress)) {
                SharePartition partition = working.get(key);
                if (partition != null) {
                    draft.wake(partition);
                }
                draft.log(new Forgotten(key));
                count++;
            }
        }
        return count;
    }

    private Described describe(String groupId) {
        List<DescribedPartition> partitions = new ArrayList<>();
        for (Progressed progress : List.copyOf(saved.values())) {
            ShareKey key = progress.key();
            SharePartition partition = key.groupId().equals(groupId) ? find(key) : null;
            if (partition != null) {
                partitions.add(new DescribedPartition(key.partition(), partition.runs.start(), partition.done()));
            }
        }
        return new Described(partitions);
    }

    private void tick(long nowMs, Draft draft) {
        SharePartition due = deadlines.due(nowMs);
        while (due != null) {
            if (working.get(due.key) == due) {
                if (due.expire(nowMs)) {
                    settle(due, draft);
                    draft.wake(due);
                }
                deadlines.want(due, due.nextDeadlineMs());
            }
            due = deadlines.due(nowMs);
        }
    }

    private void settle(SharePartition partition, Draft draft) {
        Progressed now = partition.snapshot();
        if (!now.equals(saved.get(partition.key))) {
            draft.log(now);
        }
        partition.nextDeadLetters().ifPresent(draft.effects::add);
    }

    /** Null while the group does not share the partition. */
    private @Nullable SharePartition find(ShareKey key) {
        SharePartition partition = working.get(key);
        if (partition == null) {
            Progressed progress = saved.get(key);
            if (progress == null) {
                return null;
            }
            partition = SharePartition.restore(progress);
            working.put(key, partition);
        }
        return partition;
    }

    /** Dead letters that were not written, or perhaps were, when the node stopped; topics that were deleted meanwhile. */
    @Override
    public Decision<ShareFact, ShareEffect> activated(long nowMs) {
        Draft draft = new Draft();
        if (!saved.isEmpty()) {
            draft.effects.add(new ShareEffect.CheckTopics(statePartition));
        }
        for (Progressed progress : List.copyOf(saved.values())) {
            SharePartition partition = progress.hasDead() ? find(progress.key()) : null;
            if (partition != null) {
                settle(partition, draft);
            }
        }
        return draft.decision();
    }

    @Override
    public void apply(ShareFact fact) {
        if (fact instanceof Progressed progress) {
            saved.put(fact.key(), progress);
        } else if (fact instanceof Forgotten) {
            saved.remove(fact.key());
            working.remove(fact.key());
        } else {
            throw new AssertionError(fact);
        }
    }

    @Override
    public List<ShareEffect> dropped(BrokerError why) {
        Draft draft = new Draft();
        working.values().forEach(draft::wake);
        return draft.effects;
    }

    @Override
    public long wakeAtMs() {
        return deadlines.nextMs();
    }

    Map<ShareKey, Progressed> saved() {
        return Map.copyOf(saved);
    }

    @Nullable
    SharePartition at(ShareKey key) {
        return working.get(key);
    }
}
