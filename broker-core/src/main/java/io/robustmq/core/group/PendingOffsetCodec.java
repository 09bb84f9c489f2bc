package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.group.GroupFact.OffsetPending;
import io.robustmq.core.group.GroupFact.PendingDropped;
import org.jspecify.annotations.Nullable;

/**
 * Offsets of open transactions in {@code __consumer_offsets}. Kafka keeps them as transactional batches; ours are records of
 * a kind of their own, which Kafka's tools skip, so that compaction and replay treat them like all other facts. Stateless.
 */
final class PendingOffsetCodec {
    /** Far from the kinds that Kafka uses. */
    static final int KEY = 10_000;

    private PendingOffsetCodec() {}

    static void writeKey(ByteBuf out, long producerId, String groupId, String topic, int partition) {
        out.writeShort(KEY);
        out.writeLong(producerId);
        KafkaFields.writeString(out, groupId);
        KafkaFields.writeString(out, topic);
        out.writeInt(partition);
    }

    static byte[] encode(OffsetPending fact) {
        byte[] committed = OffsetValueCodec.encode(fact.committed());
        ByteBuf out = Unpooled.buffer(Short.BYTES + committed.length);
        return KafkaFields.bytes(out.writeShort(fact.producerEpoch()).writeBytes(committed));
    }

    /** {@code key} behind its kind. */
    static GroupFact decode(ByteBuf key, @Nullable ByteBuf value) {
        long producerId = key.readLong();
        String groupId = KafkaFields.readString(key);
        String topic = KafkaFields.readString(key);
        int partition = key.readInt();
        if (value == null) {
            return new PendingDropped(groupId, producerId, topic, partition);
        }
        short epoch = value.readShort();
        return new OffsetPending(groupId, producerId, epoch, topic, partition, OffsetValueCodec.decode(value));
    }
}
