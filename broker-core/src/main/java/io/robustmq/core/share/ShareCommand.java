package io.robustmq.core.share;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What can be asked of the coordinator of what groups share. */
public sealed interface ShareCommand {
    ShareRequester requester();

    /** Of the metadata of a node that does not say how new they are: older ones do not. */
    long UNKNOWN_INDEX = -1;

    /**
     * The group reads the partition from here on, unless it does already. Answered by Done.
     *
     * @param imageIndex of the metadata in which the topic exists
     */
    record Start(ShareRequester requester, ShareKey key, long offset, long imageIndex) implements ShareCommand {}

    /**
     * Gives the member what nobody has of what it looked at. Answered by Acquired, or by NotStarted.
     *
     * @param log what the partition's log is like
     * @param waiter run once, when there may be more for the member than the answer says; in the coordinator's loop
     */
    record Acquire(
            ShareRequester requester,
            ShareKey key,
            String memberId,
            ShareTerms terms,
            LogBounds log,
            Seen seen,
            Wish wish,
            Runnable waiter)
            implements ShareCommand {}

    /**
     * Where the log begins, and where its next record will be; -1 when that is not said.
     *
     * @param leaderEpoch of the leader that says so
     */
    record LogBounds(long start, long end, int leaderEpoch) {
        /** Older nodes do not send it. */
        public static final int UNKNOWN_EPOCH = -1;
    }

    /** From one offset up to another, with the ranges that have records to deliver, in order: one per batch. */
    record Seen(long from, long until, List<OffsetRange> batches) {
        public static final Seen NOTHING = new Seen(0, 0, List.of());

        public Seen {
            batches = List.copyOf(batches);
        }
    }

    /** Both included. */
    record OffsetRange(long first, long last) {}

    /**
     * How much the member wants.
     *
     * @param strict no more than {@code recordsMax}; else whole batches, until there are at least so many
     * @param together acquired records that are told as one range, roughly
     */
    record Wish(int recordsMax, boolean strict, int together) {}

    /** The member has done something with records. All of it counts or nothing. Answered by Done. */
    record Acknowledge(
            ShareRequester requester, ShareKey key, String memberId, ShareTerms terms, List<Acknowledged> records)
            implements ShareCommand {
        public Acknowledge {
            records = List.copyOf(records);
        }
    }

    /** A range, and what was done with all of it, or with one offset after the other. Not to be changed. */
    record Acknowledged(long first, long last, List<AcknowledgeType> types) {
        public Acknowledged {
            types = List.copyOf(types);
        }
    }

    /** The member reads no more: others get what it has. Answered by Done. */
    record Release(ShareRequester requester, ShareKey key, String memberId) implements ShareCommand {}

    /** The dead letters of these records are written, or never will be. Answered by Done. */
    record Archive(ShareRequester requester, ShareKey key, long first, long last) implements ShareCommand {}

    /**
     * An administrator says where the group shall read next. Answered by Done.
     *
     * @param imageIndex of the metadata in which the topic exists
     */
    record Move(ShareRequester requester, ShareKey key, long offset, long imageIndex) implements ShareCommand {}

    /** The group never read these topics, or, if none is named, anything. Answered by Removed. */
    record ForgetGroup(ShareRequester requester, String groupId, Set<TopicId> topicIds) implements ShareCommand {
        public ForgetGroup {
            topicIds = Set.copyOf(topicIds);
        }
    }

    /** The topics were deleted. Not answered. */
    record ForgetTopics(Set<TopicId> topicIds) implements ShareCommand {
        public ForgetTopics {
            topicIds = Set.copyOf(topicIds);
        }

        @Override
        public ShareRequester requester() {
            return ShareRequester.NOBODY;
        }
    }

    /** Topics that these metadata do not have any more were deleted. Not answered. */
    record ForgetUnknown(MetaImage image) implements ShareCommand {
        @Override
        public ShareRequester requester() {
            return ShareRequester.NOBODY;
        }
    }

    /**
     * Other nodes lead these partitions now, from these epochs on. What members acquired through the former leaders, nobody can
     * say any more who would not ask the next leader for it: others get it. Not answered.
     */
    record LeadersMoved(Map<Partition, Integer> epochs) implements ShareCommand {
        public LeadersMoved {
            epochs = Map.copyOf(epochs);
        }

        @Override
        public ShareRequester requester() {
            return ShareRequester.NOBODY;
        }
    }

    /** Answered by Described, with all that the group shares at this coordinator. */
    record Describe(ShareRequester requester, String groupId) implements ShareCommand {}

    /** Time has passed. Not answered. */
    record Tick() implements ShareCommand {
        @Override
        public ShareRequester requester() {
            return ShareRequester.NOBODY;
        }
    }
}
