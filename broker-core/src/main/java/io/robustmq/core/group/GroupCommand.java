package io.robustmq.core.group;

import io.robustmq.core.group.consumer.ConsumerHeartbeat;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be asked of a group's coordinator. */
public sealed interface GroupCommand {
    Requester requester();

    /** Null for a command that concerns all groups of the coordinator. */
    default @Nullable String groupId() {
        return null;
    }

    /**
     * Answered by Joined, perhaps much later: when all members have joined or the time is up.
     *
     * @param image the metadata as the member's node knows it, for a group of the consumer protocol
     */
    record Join(
            Requester requester,
            String groupId,
            String memberId,
            @Nullable String instanceId,
            Client client,
            MemberTerms terms,
            JoinOptions options,
            MetaImage image)
            implements GroupCommand {}

    /** Who the member says it is, and where it is. */
    record Client(String id, String host) {}

    /** What a member asks for and can do. */
    record MemberTerms(
            int rebalanceTimeoutMs, int sessionTimeoutMs, String protocolType, List<JoinProtocol> protocols) {
        public MemberTerms {
            protocols = List.copyOf(protocols);
        }
    }

    /** A way to assign that a member supports, with what it tells the leader. */
    record JoinProtocol(String name, Bytes metadata) {}

    /**
     * What the version of the request implies.
     *
     * @param memberIdRequired a new dynamic member must join a second time with the id it is given (KIP-394)
     * @param skipsAssignment a static leader that comes back may be told not to assign (KIP-814)
     * @param freshMemberId to give to a new member; nobody else's
     */
    record JoinOptions(boolean memberIdRequired, boolean skipsAssignment, String freshMemberId) {}

    /** Answered by Synced when the leader has assigned. */
    record Sync(
            Requester requester,
            String groupId,
            Membership member,
            @Nullable String protocolType,
            @Nullable String protocolName,
            Map<String, Bytes> assignments)
            implements GroupCommand {
        public Sync {
            assignments = Map.copyOf(assignments);
        }
    }

    /** A member as it sees itself. */
    record Membership(
            int generation, String memberId, @Nullable String instanceId) {}

    /** Answered by Done. */
    record Heartbeat(Requester requester, String groupId, Membership member) implements GroupCommand {}

    /** Answered by Left. */
    record Leave(Requester requester, String groupId, List<Leaver> leavers) implements GroupCommand {
        public Leave {
            leavers = List.copyOf(leavers);
        }
    }

    /** Named by member id, or by instance id with an empty member id (an admin removes it). */
    record Leaver(String memberId, @Nullable String instanceId) {}

    /**
     * Answered by Outcomes, in the order of {@code offsets}.
     *
     * @param retentionMs -1 for the configured retention
     * @param groupMustExist whether an unknown group is GROUP_ID_NOT_FOUND instead of ILLEGAL_GENERATION
     */
    record CommitOffsets(
            Requester requester,
            String groupId,
            Membership member,
            long retentionMs,
            boolean groupMustExist,
            List<OffsetToCommit> offsets)
            implements GroupCommand {
        public CommitOffsets {
            offsets = List.copyOf(offsets);
        }
    }

    /**
     * Part of a transaction. Answered by Outcomes, in the order of {@code offsets}; by NeedsVerification; or by Done with an
     * error for all.
     *
     * @param verification what a NeedsVerification gave, once the transaction's coordinator agreed; -1 at first
     */
    record CommitTxnOffsets(
            Requester requester,
            String groupId,
            long producerId,
            short producerEpoch,
            Membership member,
            long verification,
            List<OffsetToCommit> offsets)
            implements GroupCommand {
        public CommitTxnOffsets {
            offsets = List.copyOf(offsets);
        }

        public CommitTxnOffsets verified(Requester anew, long token) {
            return new CommitTxnOffsets(anew, groupId, producerId, producerEpoch, member, token, offsets);
        }
    }

    /** The transaction's coordinator did not agree. Not answered. */
    record GiveUpVerification(long producerId, long verification) implements GroupCommand {
        @Override
        public Requester requester() {
            return Requester.NOBODY;
        }
    }

    /**
     * A transaction ended: what of it is in this partition is committed or dropped. Answered by Done.
     *
     * @param endsEpoch the epoch is newer than that of the transaction: what has this epoch belongs to the next one
     */
    record EndOffsets(Requester requester, long producerId, short producerEpoch, boolean commits, boolean endsEpoch)
            implements GroupCommand {}

    /** How far a partition has been consumed, as the consumer says. */
    record OffsetToCommit(
            String topic, TopicId topicId, int partition, long offset, int leaderEpoch, String metadata) {}

    /**
     * Answered by Fetched. No {@code topics}: all that the group has.
     *
     * @param requireStable tell which offsets a transaction may still change
     */
    record FetchOffsets(
            Requester requester, String groupId, @Nullable List<TopicPartitions> topics, boolean requireStable)
            implements GroupCommand {
        public FetchOffsets(Requester requester, String groupId, @Nullable List<TopicPartitions> topics) {
            this(requester, groupId, topics, false);
        }
    }

    /** Answered as {@code fetch} is, or by Done with an error if a member's epoch is not the one it says. */
    record FetchOffsetsAsMember(FetchOffsets fetch, String memberId, int memberEpoch) implements GroupCommand {
        @Override
        public Requester requester() {
            return fetch.requester();
        }

        @Override
        public String groupId() {
            return fetch.groupId();
        }
    }

    /** Answered by Reported. */
    record ReportToGroup(Requester requester, ConsumerHeartbeat heartbeat) implements GroupCommand {
        @Override
        public String groupId() {
            return heartbeat.groupId();
        }
    }

    /** Answered by ConsumerDescribed. */
    record DescribeConsumerGroup(Requester requester, String groupId) implements GroupCommand {}

    /** Partitions of one topic. */
    record TopicPartitions(String topic, List<Integer> partitions) {
        public TopicPartitions {
            partitions = List.copyOf(partitions);
        }
    }

    /** A member of a share group says what it wants. Answered by Reported. */
    record ReportToShareGroup(Requester requester, ConsumerHeartbeat heartbeat) implements GroupCommand {
        @Override
        public String groupId() {
            return heartbeat.groupId();
        }
    }

    /** Answered by ConsumerDescribed. */
    record DescribeShareGroup(Requester requester, String groupId) implements GroupCommand {}

    /** Whether there is such a share group, and, if asked, nobody in it. Answered by Done. */
    record CheckShareGroup(Requester requester, String groupId, boolean mustBeEmpty) implements GroupCommand {}

    /** Answered by Described. */
    record DescribeGroup(Requester requester, String groupId) implements GroupCommand {}

    /** Answered by Listed, with all groups of this coordinator. */
    record ListGroups(Requester requester) implements GroupCommand {}

    /** Answered by Done. */
    record DeleteGroup(Requester requester, String groupId) implements GroupCommand {}

    /** Answered by Outcomes: per topic and partition, in order; or Done with an error for all. */
    record DeleteOffsets(Requester requester, String groupId, List<TopicPartitions> topics) implements GroupCommand {
        public DeleteOffsets {
            topics = List.copyOf(topics);
        }
    }

    /** The topics were deleted: their offsets mean nothing any more. Not answered. */
    record ForgetTopics(Set<TopicId> topicIds) implements GroupCommand {
        public ForgetTopics {
            topicIds = Set.copyOf(topicIds);
        }

        @Override
        public Requester requester() {
            return Requester.NOBODY;
        }
    }

    /** Time has passed. Not answered. */
    record Tick() implements GroupCommand {
        @Override
        public Requester requester() {
            return Requester.NOBODY;
        }
    }
}
