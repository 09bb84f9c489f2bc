package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.model.TopicId;

/** Partitions by topic id, as Kafka's records of groups have them, with the epochs of their assignment where wanted. Stateless. */
final class PartitionsCodec {
    private static final int EPOCHS_TAG = 0;

    private PartitionsCodec() {}

    static void write(ByteBuf out, Partitions partitions, boolean withEpochs) {
        var topics = partitions.map((topic, numbers) -> topic);
        KafkaFields.writeUnsignedVarint(out, topics.size() + 1);
        partitions.map((topic, numbers) -> {
            out.writeLong(topic.high());
            out.writeLong(topic.low());
            KafkaFields.writeUnsignedVarint(out, numbers.size() + 1);
            numbers.forEach(out::writeInt);
            if (withEpochs && partitions.epoch(topic, numbers.get(0)) != Partitions.NO_EPOCH) {
                KafkaFields.writeUnsignedVarint(out, 1);
                KafkaFields.writeUnsignedVarint(out, EPOCHS_TAG);
                KafkaFields.writeUnsignedVarint(
                        out, lengthOfVarint(numbers.size() + 1) + numbers.size() * Integer.BYTES);
                KafkaFields.writeUnsignedVarint(out, numbers.size() + 1);
                numbers.forEach(partition -> out.writeInt(partitions.epoch(topic, partition)));
            } else {
                KafkaFields.writeUnsignedVarint(out, 0);
            }
            return topic;
        });
    }

    private static int lengthOfVarint(int value) {
        int bytes = 1;
        for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
            bytes++;
        }
        return bytes;
    }

    static Partitions read(ByteBuf in) {
        Partitions.Builder builder = Partitions.builder();
        for (int left = KafkaFields.readCount(in); left > 0; left--) {
            TopicId topic = new TopicId(in.readLong(), in.readLong());
            int[] numbers = readInts(in);
            int[] epochs = readEpochs(in);
            for (int i = 0; i < numbers.length; i++) {
                builder.add(topic, numbers[i], epochs.length == numbers.length ? epochs[i] : Partitions.NO_EPOCH);
            }
        }
        return builder.build();
    }

    private static int[] readInts(ByteBuf in) {
        int[] ints = new int[KafkaFields.readCount(in)];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = in.readInt();
        }
        return ints;
    }

    private static int[] readEpochs(ByteBuf in) {
        int[] epochs = new int[0];
        for (int left = KafkaFields.readUnsignedVarint(in); left > 0; left--) {
            int tag = KafkaFields.readUnsignedVarint(in);
            int size = KafkaFields.readUnsignedVarint(in);
            if (tag == EPOCHS_TAG) {
                epochs = readInts(in);
            } else {
                in.skipBytes(size);
            }
        }
        return epochs;
    }
}
