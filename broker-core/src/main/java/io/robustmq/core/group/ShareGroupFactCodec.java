package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.Erased;
import io.robustmq.core.group.consumer.ConsumerFact.Kind;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.Partitions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Facts about share groups as Kafka's records (keys 10 to 14, each with value 0), byte for byte. Stateless. */
final class ShareGroupFactCodec {
    private static final int VALUE = 0;
    private static final int ASSIGNED_AT_TAG = 0;
    private static final int STABLE = 0;

    private ShareGroupFactCodec() {}

    static void writeKey(ByteBuf out, ConsumerFact fact) {
        Kind kind = ConsumerFactCodec.kind(fact);
        out.writeShort(keyOf(kind));
        KafkaFields.writeString(out, fact.groupId());
        if (ConsumerFactCodec.named(kind)) {
            KafkaFields.writeString(out, ConsumerFactCodec.name(fact));
        }
    }

    private static int keyOf(Kind kind) {
        return switch (kind) {
            case MEMBER -> 10;
            case GROUP -> 11;
            case TARGETS -> 12;
            case TARGET -> 13;
            case ASSIGNMENT -> 14;
            case REGEX -> throw new AssertionError("share groups have no regular expressions");
        };
    }

    /** Null for a fact that erases. */
    static byte @Nullable [] value(ConsumerFact fact) {
        if (fact instanceof Erased) {
            return null;
        }
        ByteBuf out = Unpooled.buffer(128);
        out.writeShort(VALUE);
        if (fact instanceof EpochBumped bumped) {
            out.writeInt(bumped.epoch());
            out.writeLong(bumped.metadataHash());
        } else if (fact instanceof MemberChanged changed) {
            ConsumerMember member = changed.member();
            KafkaFields.writeCompactNullableString(out, member.rackId());
            KafkaFields.writeCompactString(out, member.clientId());
            KafkaFields.writeCompactString(out, member.clientHost());
            KafkaFields.writeStrings(out, member.topicNames());
        } else if (fact instanceof TargetsReached reached) {
            out.writeInt(reached.epoch());
            ConsumerFactCodec.writeTaggedLong(out, ASSIGNED_AT_TAG, reached.atMs());
            return KafkaFields.bytes(out);
        } else if (fact instanceof TargetChanged changed) {
            PartitionsCodec.write(out, changed.target(), false);
        } else if (fact instanceof AssignmentChanged changed) {
            MemberAssignment has = changed.assignment();
            out.writeInt(has.epoch());
            out.writeInt(has.previousEpoch());
            out.writeByte(STABLE);
            PartitionsCodec.write(out, has.assigned(), false);
        } else {
            throw new AssertionError(fact);
        }
        KafkaFields.writeUnsignedVarint(out, 0);
        return KafkaFields.bytes(out);
    }

    /** Null if the key is of another kind. The key's version is read already. */
    static @Nullable ConsumerFact decode(int keyVersion, ByteBuf key, @Nullable ByteBuf value) {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.REGEX && keyOf(kind) == keyVersion) {
                String groupId = KafkaFields.readString(key);
                String name = ConsumerFactCodec.named(kind) ? KafkaFields.readString(key) : "";
                return value == null ? new Erased(groupId, kind, name) : decode(kind, groupId, name, value);
            }
        }
        return null;
    }

    private static ConsumerFact decode(Kind kind, String groupId, String name, ByteBuf in) {
        int version = in.readShort();
        if (version != VALUE) {
            throw new IllegalArgumentException("record of a share group, " + kind + ", of version " + version);
        }
        return switch (kind) {
            case GROUP -> new EpochBumped(groupId, in.readInt(), ConsumerFactCodec.last(in, in.readLong()));
            case MEMBER -> new MemberChanged(groupId, readMember(in, name));
            case TARGETS ->
                new TargetsReached(groupId, in.readInt(), ConsumerFactCodec.readTaggedLong(in, ASSIGNED_AT_TAG));
            case TARGET -> new TargetChanged(groupId, name, ConsumerFactCodec.last(in, PartitionsCodec.read(in)));
            case ASSIGNMENT -> new AssignmentChanged(groupId, name, readAssignment(in));
            case REGEX -> throw new AssertionError(kind);
        };
    }

    private static ConsumerMember readMember(ByteBuf in, String memberId) {
        String rackId = KafkaFields.readNullableString(in, true);
        String clientId = KafkaFields.readString(in, true);
        String clientHost = KafkaFields.readString(in, true);
        List<String> topicNames = ConsumerFactCodec.last(in, KafkaFields.readStrings(in));
        return new ConsumerMember(memberId, null, rackId, clientId, clientHost, topicNames, "", -1, null, null);
    }

    private static MemberAssignment readAssignment(ByteBuf in) {
        int epoch = in.readInt();
        int previousEpoch = in.readInt();
        in.skipBytes(1);
        Partitions assigned = ConsumerFactCodec.last(in, PartitionsCodec.read(in));
        return new MemberAssignment(epoch, previousEpoch, MemberAssignment.State.STABLE, assigned, Partitions.NONE);
    }
}
