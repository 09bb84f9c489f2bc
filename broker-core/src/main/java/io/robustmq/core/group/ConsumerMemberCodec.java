package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicProtocol;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicTerms;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Kafka's ConsumerGroupMemberMetadataValue. Stateless. */
final class ConsumerMemberCodec {
    private static final int CLASSIC_TAG = 0;

    private ConsumerMemberCodec() {}

    static void write(ByteBuf out, ConsumerMember member) {
        KafkaFields.writeCompactNullableString(out, member.instanceId());
        KafkaFields.writeCompactNullableString(out, member.rackId());
        KafkaFields.writeCompactString(out, member.clientId());
        KafkaFields.writeCompactString(out, member.clientHost());
        KafkaFields.writeStrings(out, member.topicNames());
        KafkaFields.writeCompactNullableString(out, member.topicRegex().isEmpty() ? null : member.topicRegex());
        out.writeInt(member.rebalanceTimeoutMs());
        KafkaFields.writeCompactNullableString(out, member.assignor());
        ClassicTerms classic = member.classic();
        if (classic == null) {
            KafkaFields.writeUnsignedVarint(out, 0);
            return;
        }
        ByteBuf terms = Unpooled.buffer(128);
        write(terms, classic);
        KafkaFields.writeUnsignedVarint(out, 1);
        KafkaFields.writeUnsignedVarint(out, CLASSIC_TAG);
        KafkaFields.writeUnsignedVarint(out, terms.readableBytes());
        out.writeBytes(terms);
    }

    private static void write(ByteBuf out, ClassicTerms classic) {
        // A nullable struct that is there.
        out.writeByte(1);
        out.writeInt(classic.sessionTimeoutMs());
        KafkaFields.writeUnsignedVarint(out, classic.protocols().size() + 1);
        for (ClassicProtocol protocol : classic.protocols()) {
            KafkaFields.writeCompactString(out, protocol.name());
            KafkaFields.writeUnsignedVarint(out, protocol.metadata().remaining() + 1);
            out.writeBytes(protocol.metadata().duplicate());
            KafkaFields.writeUnsignedVarint(out, 0);
        }
        KafkaFields.writeUnsignedVarint(out, 0);
    }

    static ConsumerMember read(ByteBuf in, String memberId) {
        String instanceId = KafkaFields.readNullableString(in, true);
        String rackId = KafkaFields.readNullableString(in, true);
        String clientId = KafkaFields.readString(in, true);
        String clientHost = KafkaFields.readString(in, true);
        List<String> topicNames = KafkaFields.readStrings(in);
        String regex = KafkaFields.readNullableString(in, true);
        int rebalanceTimeoutMs = in.readInt();
        String assignor = KafkaFields.readNullableString(in, true);
        return new ConsumerMember(
                memberId,
                instanceId,
                rackId,
                clientId,
                clientHost,
                topicNames,
                regex == null ? "" : regex,
                rebalanceTimeoutMs,
                assignor,
                readClassic(in));
    }

    private static @Nullable ClassicTerms readClassic(ByteBuf in) {
        ClassicTerms classic = null;
        for (int left = KafkaFields.readUnsignedVarint(in); left > 0; left--) {
            int tag = KafkaFields.readUnsignedVarint(in);
            int size = KafkaFields.readUnsignedVarint(in);
            if (tag == CLASSIC_TAG) {
                classic = in.readByte() < 0 ? null : readTerms(in);
            } else {
                in.skipBytes(size);
            }
        }
        return classic;
    }

    private static ClassicTerms readTerms(ByteBuf in) {
        int sessionTimeoutMs = in.readInt();
        List<ClassicProtocol> protocols = new ArrayList<>();
        for (int left = KafkaFields.readCount(in); left > 0; left--) {
            String name = KafkaFields.readString(in, true);
            Bytes metadata = KafkaFields.readBytes(in, true);
            KafkaFields.skipTaggedFields(in);
            protocols.add(new ClassicProtocol(name, ByteBuffer.wrap(metadata.array())));
        }
        KafkaFields.skipTaggedFields(in);
        return new ClassicTerms(sessionTimeoutMs, protocols);
    }
}
