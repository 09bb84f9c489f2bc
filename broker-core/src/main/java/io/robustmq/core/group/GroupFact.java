package io.robustmq.core.group;

import io.robustmq.core.group.consumer.ConsumerFact;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of a group survives its coordinator. */
public sealed interface GroupFact {
    String groupId();

    /** A generation was assigned, or the last member left. */
    record GroupChanged(String groupId, GroupSnapshot snapshot) implements GroupFact {}

    /** The group is no more. */
    record GroupRemoved(String groupId) implements GroupFact {}

    /** A partition was consumed up to an offset. */
    record OffsetCommitted(String groupId, String topic, int partition, CommittedOffset committed)
            implements GroupFact {}

    /** The group has no offset for a partition any more. */
    record OffsetRemoved(String groupId, String topic, int partition) implements GroupFact {}

    /** Something about a group of the consumer protocol. */
    record ConsumerGroupFact(ConsumerFact fact) implements GroupFact {
        @Override
        public String groupId() {
            return fact.groupId();
        }
    }

    /** Something about a share group: its members are told of the same facts. */
    record ShareGroupFact(ConsumerFact fact) implements GroupFact {
        @Override
        public String groupId() {
            return fact.groupId();
        }
    }

    /** A transaction that is not complete includes this offset. */
    record OffsetPending(
            String groupId,
            long producerId,
            short producerEpoch,
            String topic,
            int partition,
            CommittedOffset committed)
            implements GroupFact {}

    /** The transaction does not include the offset any more: it ended, or group or topic are gone. */
    record PendingDropped(String groupId, long producerId, String topic, int partition) implements GroupFact {}

    /** A generation with its assignment. */
    record GroupSnapshot(
            String protocolType,
            int generation,
            @Nullable String protocol,
            @Nullable String leader,
            long stateSinceMs,
            List<MemberSnapshot> members) {
        public GroupSnapshot {
            members = List.copyOf(members);
        }
    }

    /** A member of a generation. */
    record MemberSnapshot(
            String memberId,
            @Nullable String instanceId,
            GroupCommand.Client client,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            Bytes subscription,
            Bytes assignment) {}
}
