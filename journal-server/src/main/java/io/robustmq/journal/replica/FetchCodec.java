package io.robustmq.journal.replica;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Bytes of fetches between nodes. Malformed ones are an IndexOutOfBoundsException or IllegalArgumentException. */
final class FetchCodec {
    private static final int PARTITION_BYTES = 20;
    private static final int ANSWER_BYTES = PARTITION_BYTES + 1 + 4 + 8 + 8 + 4 + 8 + 4;

    private FetchCodec() {}

    /** What an older node hears, which does not ask of which partitions. */
    private static final boolean HAS_READERS = true;

    /**
     * What a follower's node asks: what changed since it asked last.
     *
     * @param fresh nothing of what was asked before counts
     * @param read those of {@code changed} that have readers at the follower: it wants to know at once what is committed
     */
    record Request(
            int node,
            long incarnation,
            boolean fresh,
            int maxBytes,
            int maxWaitMs,
            Map<Partition, FetchPosition> changed,
            Set<Partition> read,
            List<Partition> removed) {}

    static void write(Request request, ByteBuf target) {
        target.writeInt(request.node)
                .writeLong(request.incarnation)
                .writeBoolean(request.fresh)
                .writeBoolean(HAS_READERS)
                .writeInt(request.maxBytes)
                .writeInt(request.maxWaitMs)
                .writeInt(request.changed.size());
        request.changed.forEach((partition, position) -> {
            write(partition, target);
            target.writeInt(position.leaderEpoch())
                    .writeLong(position.fetchOffset())
                    .writeInt(position.lastFetchedEpoch());
        });
        target.writeInt(request.removed.size());
        request.removed.forEach(partition -> write(partition, target));
        request.changed.keySet().forEach(partition -> target.writeBoolean(request.read.contains(partition)));
    }

    static Request readRequest(ByteBuf source) {
        int node = source.readInt();
        long incarnation = source.readLong();
        boolean fresh = source.readBoolean();
        boolean hasReaders = source.readBoolean();
        int maxBytes = source.readInt();
        int maxWaitMs = source.readInt();
        Map<Partition, FetchPosition> changed = new LinkedHashMap<>();
        for (int count = source.readInt(); count > 0; count--) {
            changed.put(
                    readPartition(source), new FetchPosition(source.readInt(), source.readLong(), source.readInt()));
        }
        List<Partition> removed = new ArrayList<>();
        for (int count = source.readInt(); count > 0; count--) {
            removed.add(readPartition(source));
        }
        Set<Partition> read = new HashSet<>();
        for (Partition partition : changed.keySet()) {
            if (source.isReadable() ? source.readBoolean() : hasReaders) {
                read.add(partition);
            }
        }
        return new Request(node, incarnation, fresh, maxBytes, maxWaitMs, changed, read, removed);
    }

    /** The head of one partition's answer; its batches follow. */
    static void write(Partition partition, FetchAnswer answer, int bytes, ByteBuf target) {
        write(partition, target);
        target.writeByte(code(answer.outcome()))
                .writeInt(answer.leaderEpoch())
                .writeLong(answer.highWatermark())
                .writeLong(answer.logStart())
                .writeInt(answer.divergence().leaderEpoch())
                .writeLong(place(answer))
                .writeInt(bytes);
    }

    static int answerBytes() {
        return ANSWER_BYTES;
    }

    static Partition readPartition(ByteBuf source) {
        return new Partition(new TopicId(source.readLong(), source.readLong()), source.readInt());
    }

    /** What the field of the divergence says: an older node never meets a log that is not all at its leader, by the cluster's level. */
    private static long place(FetchAnswer answer) {
        return switch (answer.outcome()) {
            case AGREES -> answer.localStart() > answer.logStart() ? answer.localStart() : -1;
            case STORED -> answer.storedEnd();
            case DIVERGES, OUT_OF_RANGE, REFUSED -> answer.divergence().endOffset();
        };
    }

    static FetchAnswer readAnswer(ByteBuf source) {
        FetchAnswer.Outcome outcome = outcome(source.readByte());
        int leaderEpoch = source.readInt();
        long highWatermark = source.readLong();
        long logStart = source.readLong();
        int divergenceEpoch = source.readInt();
        long place = source.readLong();
        return switch (outcome) {
            case AGREES ->
                new FetchAnswer(
                        outcome, leaderEpoch, highWatermark, logStart, Math.max(logStart, place), EpochEnd.UNKNOWN, -1);
            case STORED ->
                new FetchAnswer(outcome, leaderEpoch, highWatermark, logStart, place, EpochEnd.UNKNOWN, place);
            case DIVERGES, OUT_OF_RANGE, REFUSED ->
                new FetchAnswer(outcome, leaderEpoch, highWatermark, logStart, new EpochEnd(divergenceEpoch, place));
        };
    }

    private static void write(Partition partition, ByteBuf target) {
        target.writeLong(partition.topicId().high())
                .writeLong(partition.topicId().low())
                .writeInt(partition.index());
    }

    private static int code(FetchAnswer.Outcome outcome) {
        return switch (outcome) {
            case AGREES -> 0;
            case DIVERGES -> 1;
            case OUT_OF_RANGE -> 2;
            case REFUSED -> 3;
            case STORED -> 4;
        };
    }

    private static FetchAnswer.Outcome outcome(int code) {
        return switch (code) {
            case 0 -> FetchAnswer.Outcome.AGREES;
            case 1 -> FetchAnswer.Outcome.DIVERGES;
            case 2 -> FetchAnswer.Outcome.OUT_OF_RANGE;
            case 3 -> FetchAnswer.Outcome.REFUSED;
            case 4 -> FetchAnswer.Outcome.STORED;
            default -> throw new IllegalArgumentException("fetch outcome " + code);
        };
    }
}
