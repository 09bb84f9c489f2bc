package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.model.TopicId;

/** Kafka's OffsetCommitValue. Stateless. */
final class OffsetValueCodec {
    /** The only version that has room for an expiry, and none for an epoch. */
    private static final int WITH_EXPIRY = 1;

    private static final int WITH_TOPIC_ID = 4;
    private static final int TOPIC_ID_TAG = 0;
    private static final int TOPIC_ID_BYTES = 16;

    private OffsetValueCodec() {}

    static byte[] encode(CommittedOffset committed) {
        ByteBuf out = Unpooled.buffer(48 + committed.metadata().length());
        if (committed.expiresAtMs() >= 0) {
            out.writeShort(WITH_EXPIRY);
            out.writeLong(committed.offset());
            KafkaFields.writeString(out, committed.metadata());
            out.writeLong(committed.committedAtMs());
            out.writeLong(committed.expiresAtMs());
            return KafkaFields.bytes(out);
        }
        out.writeShort(WITH_TOPIC_ID);
        out.writeLong(committed.offset());
        out.writeInt(committed.leaderEpoch());
        KafkaFields.writeCompactString(out, committed.metadata());
        out.writeLong(committed.committedAtMs());
        if (committed.topicId().equals(TopicId.ZERO)) {
            KafkaFields.writeUnsignedVarint(out, 0);
        } else {
            KafkaFields.writeUnsignedVarint(out, 1);
            KafkaFields.writeUnsignedVarint(out, TOPIC_ID_TAG);
            KafkaFields.writeUnsignedVarint(out, TOPIC_ID_BYTES);
            out.writeLong(committed.topicId().high());
            out.writeLong(committed.topicId().low());
        }
        return KafkaFields.bytes(out);
    }

    static CommittedOffset decode(ByteBuf in) {
        int version = in.readShort();
        if (version < 0 || version > WITH_TOPIC_ID) {
            throw new IllegalArgumentException("offset record of version " + version);
        }
        boolean flexible = version >= WITH_TOPIC_ID;
        long offset = in.readLong();
        int leaderEpoch = version >= 3 ? in.readInt() : -1;
        String metadata = KafkaFields.readString(in, flexible);
        long committedAtMs = in.readLong();
        long expiresAtMs = version == WITH_EXPIRY ? in.readLong() : -1;
        TopicId topicId = flexible ? readTopicId(in) : TopicId.ZERO;
        return new CommittedOffset(offset, leaderEpoch, metadata, committedAtMs, expiresAtMs, topicId);
    }

    private static TopicId readTopicId(ByteBuf in) {
        TopicId topicId = TopicId.ZERO;
        int count = KafkaFields.readUnsignedVarint(in);
        for (int i = 0; i < count; i++) {
            int tag = KafkaFields.readUnsignedVarint(in);
            int size = KafkaFields.readUnsignedVarint(in);
            if (tag == TOPIC_ID_TAG && size == TOPIC_ID_BYTES) {
                topicId = new TopicId(in.readLong(), in.readLong());
            } else {
                in.skipBytes(size);
            }
        }
        return topicId;
    }
}
