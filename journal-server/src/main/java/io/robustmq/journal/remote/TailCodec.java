package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import java.util.Collection;
import java.util.List;

/**
 * Bytes of what is asked of partitions that another node leads. Malformed ones are an IndexOutOfBoundsException.
 *
 * <pre>
 *   FOLLOW  whether to forget what was wanted before · places that are wanted · numbers of those that no longer are
 *           answered by any of the places, each with its number · head of the read · length · records
 *   STATES  partitions
 *           answered by the state of each
 * </pre>
 */
final class TailCodec {
    static final byte FOLLOW = 0;
    static final byte STATES = 1;

    private static final int HEAD_BYTES = 64;

    private TailCodec() {}

    /** From where a partition is wanted; the answer carries the number. */
    record Wanted(int number, Partition partition, long offset, int maxBytes, Isolation isolation) {}

    /** What is wanted from now on, beside what was before. */
    record Follow(boolean anew, List<Wanted> wanted, List<Integer> dropped) {}

    static ByteBuf write(Follow follow) {
        ByteBuf body =
                ByteBufAllocator.DEFAULT.buffer(HEAD_BYTES).writeByte(FOLLOW).writeBoolean(follow.anew);
        LinkFields.write(body, follow.wanted, (to, wanted) -> {
            LinkFields.write(to.writeInt(wanted.number), wanted.partition)
                    .writeLong(wanted.offset)
                    .writeInt(wanted.maxBytes);
            LogCodec.write(to, wanted.isolation);
        });
        return LinkFields.write(body, follow.dropped, ByteBuf::writeInt);
    }

    static Follow readFollow(ByteBuf body) {
        return new Follow(
                body.readBoolean(),
                LinkFields.list(
                        body,
                        from -> new Wanted(
                                from.readInt(),
                                LinkFields.partition(from),
                                from.readLong(),
                                from.readInt(),
                                LogCodec.isolation(from))),
                LinkFields.list(body, ByteBuf::readInt));
    }

    /** The records follow. */
    static ByteBuf head(int number, ReadResult result) {
        ByteBuf head = ByteBufAllocator.DEFAULT.buffer(HEAD_BYTES).writeInt(number);
        return LogCodec.write(head, result).writeInt(result.sizeInBytes());
    }

    static ByteBuf states(Collection<Partition> partitions) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(HEAD_BYTES).writeByte(STATES);
        return LinkFields.write(body, partitions, LinkFields::write);
    }

    static List<Partition> readPartitions(ByteBuf body) {
        return LinkFields.list(body, LinkFields::partition);
    }
}
