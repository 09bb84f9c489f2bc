package io.robustmq.core.txn;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.coordinator.FactCodec;
import io.robustmq.core.group.KafkaFields;
import io.robustmq.core.txn.TxnFact.TxnChanged;
import io.robustmq.core.txn.TxnFact.TxnRemoved;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Facts as the records that Kafka keeps in {@code __transaction_state}: key 0, value 1, with one tagged field of our own
 * that Kafka's tools skip. Reads value 0 as well. Stateless.
 */
public final class TxnFactCodec implements FactCodec<TxnFact> {
    private static final short KEY_VERSION = 0;
    private static final short VALUE_VERSION = 1;
    private static final int PREVIOUS_ID_TAG = 0;
    private static final int NEXT_ID_TAG = 1;
    private static final int CLIENT_VERSION_TAG = 2;
    /** Far from what Kafka uses: the last producer epoch, so that a repeated request is known after a restart. */
    private static final int LAST_EPOCH_TAG = 1000;

    private static final short EPOCH_PER_TRANSACTION = 2;

    @Override
    public byte[] key(TxnFact fact) {
        ByteBuf out = Unpooled.buffer(64);
        out.writeShort(KEY_VERSION);
        KafkaFields.writeString(out, fact.transactionalId());
        return KafkaFields.bytes(out);
    }

    @Override
    public byte @Nullable [] value(TxnFact fact) {
        return fact instanceof TxnChanged changed ? encode(changed.snapshot()) : null;
    }

    private static byte[] encode(TxnSnapshot now) {
        ByteBuf out = Unpooled.buffer(128);
        out.writeShort(VALUE_VERSION);
        out.writeLong(now.producerId());
        out.writeShort(now.producerEpoch());
        out.writeInt(now.timeoutMs());
        out.writeByte(now.state().id());
        writePartitions(out, now.partitions());
        out.writeLong(now.lastUpdateMs());
        out.writeLong(now.startMs());
        writeTags(out, now);
        return KafkaFields.bytes(out);
    }

    private static void writePartitions(ByteBuf out, Set<TxnPartition> partitions) {
        Map<String, List<Integer>> byTopic = new TreeMap<>();
        for (TxnPartition partition : partitions) {
            byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                    .add(partition.partition());
        }
        KafkaFields.writeUnsignedVarint(out, byTopic.size() + 1);
        byTopic.forEach((topic, indexes) -> {
            KafkaFields.writeCompactString(out, topic);
            KafkaFields.writeUnsignedVarint(out, indexes.size() + 1);
            indexes.forEach(out::writeInt);
            KafkaFields.writeUnsignedVarint(out, 0);
        });
    }

    private static void writeTags(ByteBuf out, TxnSnapshot now) {
        int count = (now.previousProducerId() >= 0 ? 1 : 0)
                + (now.nextProducerId() >= 0 ? 1 : 0)
                + (now.bumpsEpoch() ? 1 : 0)
                + (now.lastProducerEpoch() >= 0 ? 1 : 0);
        KafkaFields.writeUnsignedVarint(out, count);
        if (now.previousProducerId() >= 0) {
            writeTag(out, PREVIOUS_ID_TAG, Long.BYTES).writeLong(now.previousProducerId());
        }
        if (now.nextProducerId() >= 0) {
            writeTag(out, NEXT_ID_TAG, Long.BYTES).writeLong(now.nextProducerId());
        }
        if (now.bumpsEpoch()) {
            writeTag(out, CLIENT_VERSION_TAG, Short.BYTES).writeShort(EPOCH_PER_TRANSACTION);
        }
        if (now.lastProducerEpoch() >= 0) {
            writeTag(out, LAST_EPOCH_TAG, Short.BYTES).writeShort(now.lastProducerEpoch());
        }
    }

    private static ByteBuf writeTag(ByteBuf out, int tag, int bytes) {
        KafkaFields.writeUnsignedVarint(out, tag);
        KafkaFields.writeUnsignedVarint(out, bytes);
        return out;
    }

    @Override
    public @Nullable TxnFact decode(byte[] key, byte @Nullable [] value) {
        try {
            ByteBuf in = Unpooled.wrappedBuffer(key);
            if (in.readShort() != KEY_VERSION) {
                return null;
            }
            String transactionalId = KafkaFields.readString(in);
            return value == null
                    ? new TxnRemoved(transactionalId)
                    : new TxnChanged(transactionalId, decode(Unpooled.wrappedBuffer(value)));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a record of __transaction_state ends too early", e);
        }
    }

    private static TxnSnapshot decode(ByteBuf in) {
        int version = in.readShort();
        if (version < 0 || version > VALUE_VERSION) {
            throw new IllegalArgumentException("transaction record of version " + version);
        }
        boolean flexible = version >= VALUE_VERSION;
        long producerId = in.readLong();
        short producerEpoch = in.readShort();
        int timeoutMs = in.readInt();
        TxnState state = TxnState.of(in.readByte());
        Set<TxnPartition> partitions = readPartitions(in, flexible);
        long lastUpdateMs = in.readLong();
        long startMs = in.readLong();
        Tags tags = flexible ? readTags(in) : Tags.NONE;
        return new TxnSnapshot(
                producerId,
                tags.previousId,
                tags.nextId,
                producerEpoch,
                tags.lastEpoch,
                timeoutMs,
                state,
                partitions,
                lastUpdateMs,
                startMs,
                tags.clientVersion >= EPOCH_PER_TRANSACTION);
    }

    private static Set<TxnPartition> readPartitions(ByteBuf in, boolean flexible) {
        Set<TxnPartition> partitions = new HashSet<>();
        int topics = readCount(in, flexible);
        for (int i = 0; i < topics; i++) {
            String topic = KafkaFields.readString(in, flexible);
            int indexes = readCount(in, flexible);
            for (int j = 0; j < indexes; j++) {
                partitions.add(new TxnPartition(topic, in.readInt()));
            }
            if (flexible) {
                KafkaFields.skipTaggedFields(in);
            }
        }
        return partitions;
    }

    private static int readCount(ByteBuf in, boolean flexible) {
        int count = flexible ? KafkaFields.readUnsignedVarint(in) - 1 : in.readInt();
        if (count > in.readableBytes()) {
            throw new IllegalArgumentException("transaction record with " + count + " elements");
        }
        return Math.max(0, count);
    }

    private static Tags readTags(ByteBuf in) {
        Tags tags = Tags.NONE;
        int count = KafkaFields.readUnsignedVarint(in);
        for (int i = 0; i < count; i++) {
            int tag = KafkaFields.readUnsignedVarint(in);
            int bytes = KafkaFields.readUnsignedVarint(in);
            ByteBuf content = in.readSlice(bytes);
            tags = switch (tag) {
                case PREVIOUS_ID_TAG -> new Tags(content.readLong(), tags.nextId, tags.clientVersion, tags.lastEpoch);
                case NEXT_ID_TAG -> new Tags(tags.previousId, content.readLong(), tags.clientVersion, tags.lastEpoch);
                case CLIENT_VERSION_TAG -> new Tags(tags.previousId, tags.nextId, content.readShort(), tags.lastEpoch);
                case LAST_EPOCH_TAG -> new Tags(tags.previousId, tags.nextId, tags.clientVersion, content.readShort());
                default -> tags;
            };
        }
        return tags;
    }

    /** The tagged fields that are known. */
    private record Tags(long previousId, long nextId, short clientVersion, short lastEpoch) {
        static final Tags NONE = new Tags(TxnSnapshot.NO_ID, TxnSnapshot.NO_ID, (short) 0, TxnSnapshot.NO_EPOCH);
    }
}
