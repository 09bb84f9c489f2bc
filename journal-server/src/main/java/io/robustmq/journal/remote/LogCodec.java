package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bytes of questions about another node's log: kind · partition · what is asked. Malformed ones are an IndexOutOfBoundsException. */
final class LogCodec {
    private static final int NO_LEADER = 0;
    private static final int LEADS = 1;
    /** Some of it is in the object store; by the cluster's level, only nodes hear of it that know. */
    private static final int LEADS_STORED = 2;

    static final byte READ = 0;
    static final byte STATE = 1;
    static final byte EPOCH_END = 2;
    static final byte TIME = 3;
    static final byte MAX_TIME = 4;
    static final byte PRODUCERS = 5;
    static final byte DELETE = 6;
    static final byte APPEND = 7;

    private LogCodec() {}

    /** A read that waits so long for something to be there. */
    record Read(long offset, int maxBytes, Isolation isolation, int waitMs) {}

    static ByteBuf question(byte kind, Partition partition) {
        return LinkFields.write(ByteBufAllocator.DEFAULT.buffer(64).writeByte(kind), partition);
    }

    static ByteBuf write(ByteBuf body, Read read) {
        return write(body.writeLong(read.offset).writeInt(read.maxBytes).writeInt(read.waitMs), read.isolation);
    }

    static Read readRead(ByteBuf body) {
        long offset = body.readLong();
        int maxBytes = body.readInt();
        int waitMs = body.readInt();
        return new Read(offset, maxBytes, isolation(body), waitMs);
    }

    static ByteBuf write(ByteBuf body, Isolation isolation) {
        return body.writeBoolean(isolation == Isolation.READ_COMMITTED);
    }

    static Isolation isolation(ByteBuf body) {
        return body.readBoolean() ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED;
    }

    /** The records follow. */
    static ByteBuf head(ReadResult result) {
        return write(ByteBufAllocator.DEFAULT.buffer(64), result);
    }

    /** Without records. */
    static ByteBuf write(ByteBuf body, ReadResult result) {
        ByteBuf head = LinkFields.write(body, result.error())
                .writeLong(result.highWatermark())
                .writeLong(result.lastStableOffset())
                .writeLong(result.logStartOffset());
        return LinkFields.write(head, result.abortedTransactions(), (to, aborted) -> to.writeLong(aborted.producerId())
                .writeLong(aborted.firstOffset()));
    }

    /** Without records, which are what is left of {@code answer}. */
    static ReadResult readHead(ByteBuf answer) {
        return new ReadResult(
                LinkFields.error(answer),
                null,
                answer.readLong(),
                answer.readLong(),
                answer.readLong(),
                LinkFields.list(answer, from -> new AbortedTransaction(from.readLong(), from.readLong())));
    }

    static ByteBuf encode(@Nullable PartitionState state) {
        return write(ByteBufAllocator.DEFAULT.buffer(64), state);
    }

    static ByteBuf write(ByteBuf to, @Nullable PartitionState state) {
        if (state == null || !state.leader()) {
            return to.writeByte(NO_LEADER);
        }
        boolean isAllHere = state.localStartOffset() == state.logStartOffset() && state.storedEndOffset() < 0;
        to.writeByte(isAllHere ? LEADS : LEADS_STORED)
                .writeInt(state.leaderEpoch())
                .writeLong(state.logStartOffset())
                .writeLong(state.lastStableOffset())
                .writeLong(state.highWatermark())
                .writeLong(state.logEndOffset())
                .writeLong(state.sizeBytes());
        return isAllHere ? to : to.writeLong(state.localStartOffset()).writeLong(state.storedEndOffset());
    }

    /** Null from a node that does not lead. */
    static @Nullable PartitionState readState(ByteBuf answer) {
        int kind = answer.readByte();
        if (kind == NO_LEADER) {
            return null;
        }
        PartitionState state = new PartitionState(
                true,
                answer.readInt(),
                answer.readLong(),
                answer.readLong(),
                answer.readLong(),
                answer.readLong(),
                answer.readLong());
        return kind == LEADS
                ? state
                : new PartitionState(
                        true,
                        state.leaderEpoch(),
                        state.logStartOffset(),
                        state.lastStableOffset(),
                        state.highWatermark(),
                        state.logEndOffset(),
                        state.sizeBytes(),
                        answer.readLong(),
                        answer.readLong());
    }

    static ByteBuf encode(EpochEnd end) {
        return ByteBufAllocator.DEFAULT.buffer(12).writeInt(end.leaderEpoch()).writeLong(end.endOffset());
    }

    static EpochEnd readEpochEnd(ByteBuf answer) {
        return new EpochEnd(answer.readInt(), answer.readLong());
    }

    static ByteBuf encode(TimestampedOffset offset) {
        ByteBuf body = ByteBufAllocator.DEFAULT
                .buffer(64)
                .writeLong(offset.timestampMs())
                .writeLong(offset.offset())
                .writeInt(offset.leaderEpoch());
        return LinkFields.write(body, offset.error());
    }

    /** A node of the release before says nothing of errors. */
    static TimestampedOffset readTimestamped(ByteBuf answer) {
        TimestampedOffset found = new TimestampedOffset(answer.readLong(), answer.readLong(), answer.readInt());
        BrokerError error = answer.isReadable() ? LinkFields.error(answer) : BrokerError.NONE;
        return error == BrokerError.NONE ? found : TimestampedOffset.refused(error);
    }

    static ByteBuf encode(List<ProducerState> producers) {
        return LinkFields.write(
                ByteBufAllocator.DEFAULT.buffer(), producers, (to, producer) -> to.writeLong(producer.producerId())
                        .writeShort(producer.producerEpoch())
                        .writeInt(producer.lastSequence())
                        .writeLong(producer.lastTimestampMs())
                        .writeInt(producer.coordinatorEpoch())
                        .writeLong(producer.currentTransactionFirstOffset()));
    }

    static List<ProducerState> readProducers(ByteBuf answer) {
        return LinkFields.list(
                answer,
                from -> new ProducerState(
                        from.readLong(),
                        from.readShort(),
                        from.readInt(),
                        from.readLong(),
                        from.readInt(),
                        from.readLong()));
    }

    /** The batches follow. */
    static ByteBuf write(ByteBuf body, AppendOptions options) {
        LinkFields.write(body, options.acks().name());
        LinkFields.write(body, options.origin().name());
        return body.writeInt(options.leaderEpoch())
                .writeInt(options.timeoutMs())
                .writeLong(options.verifiedAt());
    }

    static AppendOptions readOptions(ByteBuf body) {
        return new AppendOptions(
                Acks.valueOf(LinkFields.string(body)),
                AppendOptions.Origin.valueOf(LinkFields.string(body)),
                body.readInt(),
                body.readInt(),
                body.readLong());
    }
}
