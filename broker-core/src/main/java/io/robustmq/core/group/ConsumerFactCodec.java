package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.Erased;
import io.robustmq.core.group.consumer.ConsumerFact.Kind;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.RegexResolved;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.Partitions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Facts of the consumer protocol as Kafka's records (keys 3, 5 to 8 and 16, each with value 0), byte for byte. Stateless. */
final class ConsumerFactCodec {
    private static final int VALUE = 0;
    private static final int METADATA_HASH_TAG = 0;
    private static final int ASSIGNED_AT_TAG = 0;

    private ConsumerFactCodec() {}

    static void writeKey(ByteBuf out, ConsumerFact fact) {
        Kind kind = kind(fact);
        out.writeShort(keyOf(kind));
        KafkaFields.writeString(out, fact.groupId());
        if (named(kind)) {
            KafkaFields.writeString(out, name(fact));
        }
    }

    static Kind kind(ConsumerFact fact) {
        if (fact instanceof Erased erased) {
            return erased.kind();
        }
        if (fact instanceof EpochBumped) {
            return Kind.GROUP;
        }
        if (fact instanceof MemberChanged) {
            return Kind.MEMBER;
        }
        if (fact instanceof TargetsReached) {
            return Kind.TARGETS;
        }
        if (fact instanceof TargetChanged) {
            return Kind.TARGET;
        }
        return fact instanceof AssignmentChanged ? Kind.ASSIGNMENT : Kind.REGEX;
    }

    static String name(ConsumerFact fact) {
        if (fact instanceof Erased erased) {
            return erased.name();
        }
        if (fact instanceof MemberChanged changed) {
            return changed.member().memberId();
        }
        if (fact instanceof TargetChanged changed) {
            return changed.memberId();
        }
        if (fact instanceof AssignmentChanged changed) {
            return changed.memberId();
        }
        if (fact instanceof RegexResolved resolved) {
            return resolved.regex();
        }
        throw new AssertionError(fact);
    }

    private static int keyOf(Kind kind) {
        return switch (kind) {
            case GROUP -> 3;
            case MEMBER -> 5;
            case TARGETS -> 6;
            case TARGET -> 7;
            case ASSIGNMENT -> 8;
            case REGEX -> 16;
        };
    }

    static boolean named(Kind kind) {
        return kind != Kind.GROUP && kind != Kind.TARGETS;
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
            writeTaggedLong(out, METADATA_HASH_TAG, bumped.metadataHash());
        } else if (fact instanceof MemberChanged changed) {
            ConsumerMemberCodec.write(out, changed.member());
        } else if (fact instanceof TargetsReached reached) {
            out.writeInt(reached.epoch());
            writeTaggedLong(out, ASSIGNED_AT_TAG, reached.atMs());
        } else if (fact instanceof TargetChanged changed) {
            PartitionsCodec.write(out, changed.target(), false);
            KafkaFields.writeUnsignedVarint(out, 0);
        } else if (fact instanceof AssignmentChanged changed) {
            write(out, changed.assignment());
        } else if (fact instanceof RegexResolved resolved) {
            KafkaFields.writeStrings(out, resolved.topics());
            out.writeLong(resolved.metaIndex());
            out.writeLong(resolved.atMs());
            KafkaFields.writeUnsignedVarint(out, 0);
        } else {
            throw new AssertionError(fact);
        }
        return KafkaFields.bytes(out);
    }

    static void writeTaggedLong(ByteBuf out, int tag, long value) {
        if (value == 0) {
            KafkaFields.writeUnsignedVarint(out, 0);
        } else {
            KafkaFields.writeUnsignedVarint(out, 1);
            KafkaFields.writeUnsignedVarint(out, tag);
            KafkaFields.writeUnsignedVarint(out, Long.BYTES);
            out.writeLong(value);
        }
    }

    private static void write(ByteBuf out, MemberAssignment has) {
        out.writeInt(has.epoch());
        out.writeInt(has.previousEpoch());
        out.writeByte(codeOf(has.state()));
        PartitionsCodec.write(out, has.assigned(), true);
        PartitionsCodec.write(out, has.revoking(), true);
        KafkaFields.writeUnsignedVarint(out, 0);
    }

    private static int codeOf(MemberAssignment.State state) {
        return switch (state) {
            case STABLE -> 0;
            case UNREVOKED -> 1;
            case UNRELEASED -> 2;
        };
    }

    /** Null if the key is of another kind. The key's version is read already. */
    static @Nullable ConsumerFact decode(int keyVersion, ByteBuf key, @Nullable ByteBuf value) {
        for (Kind kind : Kind.values()) {
            if (keyOf(kind) == keyVersion) {
                String groupId = KafkaFields.readString(key);
                String name = named(kind) ? KafkaFields.readString(key) : "";
                return value == null ? new Erased(groupId, kind, name) : decode(kind, groupId, name, value);
            }
        }
        return null;
    }

    private static ConsumerFact decode(Kind kind, String groupId, String name, ByteBuf in) {
        int version = in.readShort();
        if (version != VALUE) {
            throw new IllegalArgumentException("record of a consumer group, " + kind + ", of version " + version);
        }
        return switch (kind) {
            case GROUP -> {
                int epoch = in.readInt();
                yield new EpochBumped(groupId, epoch, readTaggedLong(in, METADATA_HASH_TAG));
            }
            case MEMBER -> new MemberChanged(groupId, ConsumerMemberCodec.read(in, name));
            case TARGETS -> {
                int epoch = in.readInt();
                yield new TargetsReached(groupId, epoch, readTaggedLong(in, ASSIGNED_AT_TAG));
            }
            case TARGET -> new TargetChanged(groupId, name, last(in, PartitionsCodec.read(in)));
            case ASSIGNMENT -> new AssignmentChanged(groupId, name, readAssignment(in));
            case REGEX -> {
                List<String> topics = KafkaFields.readStrings(in);
                yield new RegexResolved(groupId, name, topics, in.readLong(), last(in, in.readLong()));
            }
        };
    }

    static <T> T last(ByteBuf in, T value) {
        KafkaFields.skipTaggedFields(in);
        return value;
    }

    static long readTaggedLong(ByteBuf in, int wanted) {
        long value = 0;
        for (int left = KafkaFields.readUnsignedVarint(in); left > 0; left--) {
            int tag = KafkaFields.readUnsignedVarint(in);
            int size = KafkaFields.readUnsignedVarint(in);
            if (tag == wanted && size == Long.BYTES) {
                value = in.readLong();
            } else {
                in.skipBytes(size);
            }
        }
        return value;
    }

    private static MemberAssignment readAssignment(ByteBuf in) {
        int epoch = in.readInt();
        int previousEpoch = in.readInt();
        MemberAssignment.State state = state(in.readByte());
        Partitions assigned = PartitionsCodec.read(in);
        return new MemberAssignment(epoch, previousEpoch, state, assigned, last(in, PartitionsCodec.read(in)));
    }

    private static MemberAssignment.State state(int code) {
        for (MemberAssignment.State state : MemberAssignment.State.values()) {
            if (codeOf(state) == code) {
                return state;
            }
        }
        throw new IllegalArgumentException("member in state " + code);
    }
}
