package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.model.TopicId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a coordinator answers. */
public sealed interface GroupReply {
    /** The command was not carried out. */
    record Refused(BrokerError error) implements GroupReply {}

    /** It happened, or why it did not. */
    record Done(BrokerError error) implements GroupReply {}

    /** The generation that a member is in now. {@code members} is empty for all but the leader. */
    record Joined(
            BrokerError error,
            int generation,
            @Nullable String protocolType,
            @Nullable String protocolName,
            String leader,
            boolean skipAssignment,
            String memberId,
            List<JoinedMember> members)
            implements GroupReply {
        public Joined {
            members = List.copyOf(members);
        }

        public static Joined refused(BrokerError error, String memberId) {
            return new Joined(error, -1, null, null, "", false, memberId, List.of());
        }
    }

    /** A member as its leader sees it. */
    record JoinedMember(String memberId, @Nullable String instanceId, Bytes metadata) {}

    /** What a member consumes. */
    record Synced(
            BrokerError error,
            @Nullable String protocolType,
            @Nullable String protocolName,
            Bytes assignment) implements GroupReply {
        public static Synced refused(BrokerError error) {
            return new Synced(error, null, null, Bytes.EMPTY);
        }
    }

    /** One answer per leaver, in their order. */
    record Left(List<LeaverOutcome> leavers) implements GroupReply {
        public Left {
            leavers = List.copyOf(leavers);
        }
    }

    /** How one leaver fared. */
    record LeaverOutcome(String memberId, @Nullable String instanceId, BrokerError error) {}

    /** One per partition that was named, in the order of the command. */
    record Outcomes(List<BrokerError> errors) implements GroupReply {
        public Outcomes {
            errors = List.copyOf(errors);
        }
    }

    /**
     * Ask the transaction's coordinator whether it includes the group's partition of {@code __consumer_offsets}, then commit
     * again with the token.
     */
    record NeedsVerification(long token) implements GroupReply {}

    /**
     * Offsets that exist; what was asked for and is not here has none.
     *
     * @param unstable partitions whose offset a transaction may still change, when that was asked
     */
    record Fetched(List<FetchedOffset> offsets, Set<UnstableOffset> unstable) implements GroupReply {
        public Fetched {
            offsets = List.copyOf(offsets);
            unstable = Set.copyOf(unstable);
        }

        public Fetched(List<FetchedOffset> offsets) {
            this(offsets, Set.of());
        }
    }

    /** A partition whose offset is part of a transaction that is not complete. */
    record UnstableOffset(String topic, int partition) {}

    /** {@code topicId} is that of the topic at the time of the commit. */
    record FetchedOffset(String topic, int partition, CommittedOffset committed) {
        public TopicId topicId() {
            return committed.topicId();
        }
    }

    /** A group in detail; members have protocol data only while it is stable. */
    record Described(
            BrokerError error, GroupState state, String protocolType, String protocol, List<DescribedMember> members)
            implements GroupReply {
        public Described {
            members = List.copyOf(members);
        }
    }

    /** A member in detail. */
    record DescribedMember(
            String memberId,
            @Nullable String instanceId,
            GroupCommand.Client client,
            Bytes metadata,
            Bytes assignment) {}

    /** Groups of one coordinator. */
    record Listed(List<GroupSummary> groups) implements GroupReply {
        public Listed {
            groups = List.copyOf(groups);
        }
    }

    /** A group in short. */
    record GroupSummary(String groupId, String protocolType, GroupType type, String state) {}

    /** What a member of the consumer protocol is told. */
    record Reported(HeartbeatResult result) implements GroupReply {}

    /** A group of the consumer protocol in detail. */
    record ConsumerDescribed(
            BrokerError error,
            String state,
            int epoch,
            int targetEpoch,
            String assignor,
            List<DescribedConsumer> members)
            implements GroupReply {
        public ConsumerDescribed {
            members = List.copyOf(members);
        }
    }

    /** A member, what it has, and what it shall have. */
    record DescribedConsumer(ConsumerMember member, int epoch, Partitions assigned, Partitions target) {}
}
