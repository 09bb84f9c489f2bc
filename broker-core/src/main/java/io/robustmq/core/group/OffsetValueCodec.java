package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.model.TopicId;

/** Kafka's OffsetCommitValue, with one tagged field of our own: when it expires, if that is the client's choice. Stateless. */
final class OffsetValueCodec {
    /** Has the expiry in a field, and no room for an epoch and a topic id. */
    private static final int WITH_EXPIRY = 1;

    private static final int WITH_TOPIC_ID = 4;
    private static final int TOPIC_ID_TAG = 0;
    private static final int TOPIC_ID_BYTES = 16;
    /** Kafka skips it. */
    private static final int EXPIRY_TAG = 1000;

    private OffsetValueCodec() {}

    static byte[] encode(CommittedOffset committed) {
        ByteBuf out = Unpooled.buffer(48 + committed.metadata().length());
        out.writeShort(WITH_TOPIC_ID);
        out.writeLong(committed.offset());
        out.writeInt(committed.leaderEpoch());
        KafkaFields.writeCompactString(out, committed.metadata());
        out.writeLong(committed.committedAtMs());
        boolean hasTopicId = !committed.topicId().equals(TopicId.ZERO);
        boolean hasExpiry = committed.expiresAtMs() >= 0;
        KafkaFields.writeUnsignedVarint(out, (hasTopicId ? 1 : 0) + (hasExpiry ? 1 : 0));
        if (hasTopicId) {
            KafkaFields.writeUnsignedVarint(out, TOPIC_ID_TAG);
            KafkaFields.writeUnsignedVarint(out, TOPIC_ID_BYTES);
            out.writeLong(committed.topicId().high());
            out.writeLong(committed.topicId().low());
        }
        if (hasExpiry) {
            KafkaFields.writeUnsignedVarint(out, EXPIRY_TAG);
            KafkaFields.writeUnsignedVarint(out, Long.BYTES);
            out.writeLong(committed.expiresAtMs());
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
        TopicId topicId = TopicId.ZERO;
        int count = flexible ? KafkaFields.readUnsignedVarint(in) : 0;
        for (int i = 0; i < count; i++) {
            int tag = KafkaFields.readUnsignedVarint(in);
            int size = KafkaFields.readUnsignedVarint(in);
            if (tag == TOPIC_ID_TAG && size == TOPIC_ID_BYTES) {
                topicId = new TopicId(in.readLong(), in.readLong());
            } else if (tag == EXPIRY_TAG && size == Long.BYTES) {
                expiresAtMs = in.readLong();
            } else {
                in.skipBytes(size);
            }
        }
        return new CommittedOffset(offset, leaderEpoch, metadata, committedAtMs, expiresAtMs, topicId);
    }
}
