package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.AppendResult;
import java.nio.charset.StandardCharsets;

/** Bytes of appends between nodes. Malformed ones are an IndexOutOfBoundsException or IllegalArgumentException. */
final class AppendCodec {
    static final byte APPEND = 0;
    static final byte END = 1;
    static final byte SETTLE = 2;
    static final int HEAD_BYTES = 1 + 20;

    private AppendCodec() {}

    /**
     * Who appends, and how; the batch follows.
     *
     * @param incarnation the life of the node in which the append began
     */
    record Append(Partition partition, int node, long incarnation, boolean all, int timeoutMs) {}

    static void write(Append append, ByteBuf target) {
        target.writeByte(APPEND);
        write(append.partition, target);
        target.writeInt(append.node)
                .writeLong(append.incarnation)
                .writeBoolean(append.all)
                .writeInt(append.timeoutMs);
    }

    /** Behind the kind. */
    static Append readAppend(ByteBuf source) {
        return new Append(
                readPartition(source), source.readInt(), source.readLong(), source.readBoolean(), source.readInt());
    }

    static void writeEnd(Partition partition, long imageIndex, ByteBuf target) {
        target.writeByte(END);
        write(partition, target);
        target.writeLong(imageIndex);
    }

    static void writeSettle(Partition partition, long imageIndex, ByteBuf target) {
        target.writeByte(SETTLE);
        write(partition, target);
        target.writeLong(imageIndex);
    }

    static Partition readPartition(ByteBuf source) {
        return new Partition(new TopicId(source.readLong(), source.readLong()), source.readInt());
    }

    private static void write(Partition partition, ByteBuf target) {
        target.writeLong(partition.topicId().high())
                .writeLong(partition.topicId().low())
                .writeInt(partition.index());
    }

    static void write(AppendResult result, ByteBuf target) {
        byte[] message = result.message().getBytes(StandardCharsets.UTF_8);
        byte[] error = result.error().name().getBytes(StandardCharsets.US_ASCII);
        target.writeByte(error.length)
                .writeBytes(error)
                .writeLong(result.baseOffset())
                .writeLong(result.logAppendTimeMs())
                .writeLong(result.logStartOffset())
                .writeShort(message.length)
                .writeBytes(message);
    }

    static AppendResult readResult(ByteBuf source) {
        String error = source.readCharSequence(source.readUnsignedByte(), StandardCharsets.US_ASCII)
                .toString();
        return new AppendResult(
                BrokerError.valueOf(error),
                source.readLong(),
                source.readLong(),
                source.readLong(),
                source.readCharSequence(source.readUnsignedShort(), StandardCharsets.UTF_8)
                        .toString());
    }
}
