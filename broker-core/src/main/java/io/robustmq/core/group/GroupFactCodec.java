package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.coordinator.FactCodec;
import io.robustmq.core.group.GroupFact.ConsumerGroupFact;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupFact.GroupRemoved;
import io.robustmq.core.group.GroupFact.GroupSnapshot;
import io.robustmq.core.group.GroupFact.MemberSnapshot;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFact.OffsetPending;
import io.robustmq.core.group.GroupFact.OffsetRemoved;
import io.robustmq.core.group.GroupFact.PendingDropped;
import io.robustmq.core.group.GroupFact.ShareGroupFact;
import io.robustmq.core.group.consumer.ConsumerFact;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Facts as the records that Kafka keeps in {@code __consumer_offsets}, byte for byte, so that tools which read that topic
 * read ours. Written: offset keys 1 with values 4 (1 when a client chose the retention), group keys 2 with values 3. Read:
 * all versions up to 4. Stateless.
 */
public final class GroupFactCodec implements FactCodec<GroupFact> {
    private static final int OFFSET_KEY_OLDEST = 0;
    private static final int OFFSET_KEY = 1;
    private static final int GROUP_KEY = 2;
    private static final int GROUP_VALUE = 3;
    private static final int FLEXIBLE_VALUE = 4;

    @Override
    public byte[] key(GroupFact fact) {
        ByteBuf out = Unpooled.buffer(64);
        if (fact instanceof OffsetCommitted committed) {
            writeOffsetKey(out, committed.groupId(), committed.topic(), committed.partition());
        } else if (fact instanceof OffsetRemoved removed) {
            writeOffsetKey(out, removed.groupId(), removed.topic(), removed.partition());
        } else if (fact instanceof ConsumerGroupFact consumer) {
            ConsumerFactCodec.writeKey(out, consumer.fact());
        } else if (fact instanceof ShareGroupFact share) {
            ShareGroupFactCodec.writeKey(out, share.fact());
        } else if (fact instanceof OffsetPending pending) {
            PendingOffsetCodec.writeKey(
                    out, pending.producerId(), pending.groupId(), pending.topic(), pending.partition());
        } else if (fact instanceof PendingDropped dropped) {
            PendingOffsetCodec.writeKey(
                    out, dropped.producerId(), dropped.groupId(), dropped.topic(), dropped.partition());
        } else {
            out.writeShort(GROUP_KEY);
            KafkaFields.writeString(out, fact.groupId());
        }
        return KafkaFields.bytes(out);
    }

    private static void writeOffsetKey(ByteBuf out, String groupId, String topic, int partition) {
        out.writeShort(OFFSET_KEY);
        KafkaFields.writeString(out, groupId);
        KafkaFields.writeString(out, topic);
        out.writeInt(partition);
    }

    @Override
    public byte @Nullable [] value(GroupFact fact) {
        if (fact instanceof OffsetCommitted committed) {
            return OffsetValueCodec.encode(committed.committed());
        }
        if (fact instanceof OffsetPending pending) {
            return PendingOffsetCodec.encode(pending);
        }
        if (fact instanceof GroupChanged changed) {
            return encode(changed.snapshot());
        }
        if (fact instanceof ConsumerGroupFact consumer) {
            return ConsumerFactCodec.value(consumer.fact());
        }
        if (fact instanceof ShareGroupFact share) {
            return ShareGroupFactCodec.value(share.fact());
        }
        return null;
    }

    private static byte[] encode(GroupSnapshot group) {
        ByteBuf out = Unpooled.buffer(512);
        out.writeShort(GROUP_VALUE);
        KafkaFields.writeString(out, group.protocolType());
        out.writeInt(group.generation());
        KafkaFields.writeNullableString(out, group.protocol());
        KafkaFields.writeNullableString(out, group.leader());
        out.writeLong(group.stateSinceMs());
        out.writeInt(group.members().size());
        for (MemberSnapshot member : group.members()) {
            KafkaFields.writeString(out, member.memberId());
            KafkaFields.writeNullableString(out, member.instanceId());
            KafkaFields.writeString(out, member.client().id());
            KafkaFields.writeString(out, member.client().host());
            out.writeInt(member.rebalanceTimeoutMs());
            out.writeInt(member.sessionTimeoutMs());
            KafkaFields.writeBytes(out, member.subscription());
            KafkaFields.writeBytes(out, member.assignment());
        }
        return KafkaFields.bytes(out);
    }

    @Override
    public @Nullable GroupFact decode(byte[] key, byte @Nullable [] value) {
        try {
            return decode(Unpooled.wrappedBuffer(key), value == null ? null : Unpooled.wrappedBuffer(value));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a record of __consumer_offsets ends too early", e);
        }
    }

    private static @Nullable GroupFact decode(ByteBuf key, @Nullable ByteBuf value) {
        int version = key.readShort();
        if (version == OFFSET_KEY_OLDEST || version == OFFSET_KEY) {
            String groupId = KafkaFields.readString(key);
            String topic = KafkaFields.readString(key);
            int partition = key.readInt();
            return value == null
                    ? new OffsetRemoved(groupId, topic, partition)
                    : new OffsetCommitted(groupId, topic, partition, OffsetValueCodec.decode(value));
        }
        if (version == GROUP_KEY) {
            String groupId = KafkaFields.readString(key);
            return value == null ? new GroupRemoved(groupId) : new GroupChanged(groupId, decodeGroup(value));
        }
        if (version == PendingOffsetCodec.KEY) {
            return PendingOffsetCodec.decode(key, value);
        }
        ConsumerFact consumer = ConsumerFactCodec.decode(version, key, value);
        if (consumer != null) {
            return new ConsumerGroupFact(consumer);
        }
        ConsumerFact share = ShareGroupFactCodec.decode(version, key, value);
        // Null: of a kind of groups that this broker does not run.
        return share == null ? null : new ShareGroupFact(share);
    }

    private static GroupSnapshot decodeGroup(ByteBuf in) {
        int version = in.readShort();
        if (version < 0 || version > FLEXIBLE_VALUE) {
            throw new IllegalArgumentException("group record of version " + version);
        }
        boolean flexible = version >= FLEXIBLE_VALUE;
        String protocolType = KafkaFields.readString(in, flexible);
        int generation = in.readInt();
        String protocol = KafkaFields.readNullableString(in, flexible);
        String leader = KafkaFields.readNullableString(in, flexible);
        long stateSinceMs = version >= 2 ? in.readLong() : -1;
        int count = flexible ? KafkaFields.readUnsignedVarint(in) - 1 : in.readInt();
        if (count < 0 || count > in.readableBytes()) {
            throw new IllegalArgumentException("group record with " + count + " members");
        }
        List<MemberSnapshot> members = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            members.add(decodeMember(in, version, flexible));
        }
        return new GroupSnapshot(protocolType, generation, protocol, leader, stateSinceMs, members);
    }

    private static MemberSnapshot decodeMember(ByteBuf in, int version, boolean flexible) {
        String memberId = KafkaFields.readString(in, flexible);
        String instanceId = version >= 3 ? KafkaFields.readNullableString(in, flexible) : null;
        String clientId = KafkaFields.readString(in, flexible);
        String clientHost = KafkaFields.readString(in, flexible);
        int rebalanceTimeoutMs = version >= 1 ? in.readInt() : -1;
        int sessionTimeoutMs = in.readInt();
        Bytes subscription = KafkaFields.readBytes(in, flexible);
        Bytes assignment = KafkaFields.readBytes(in, flexible);
        if (flexible) {
            KafkaFields.skipTaggedFields(in);
        }
        return new MemberSnapshot(
                memberId,
                instanceId,
                new GroupCommand.Client(clientId, clientHost),
                rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
                sessionTimeoutMs,
                subscription,
                assignment);
    }
}
