package io.robustmq.meta;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.meta.raft.Appended;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes between a node that follows the metadata and one that votes on it. Stateless.
 *
 * <pre>
 *   watch    0 · index int64 · leader int32      answer  leader int32 · index int64 · whole boolean · list of index int64, entry
 *   entry    1 · entry                           answer  error, a string · message, a string · index int64 · applied boolean
 * </pre>
 */
final class FeedCodec {
    static final byte WATCH = 0;
    static final byte ENTRY = 1;

    private FeedCodec() {}

    /** What a node knows. */
    record Watch(long index, int leaderNode) {}

    /** What it is told; {@code whole}: one entry that leads to the image from nothing. */
    record News(int leaderNode, long index, boolean whole, List<RecentEntries.Recent> entries) {}

    static ByteBuf encode(Watch watch) {
        return ByteBufAllocator.DEFAULT
                .buffer(16)
                .writeByte(WATCH)
                .writeLong(watch.index)
                .writeInt(watch.leaderNode);
    }

    static Watch readWatch(ByteBuf body) {
        return new Watch(body.readLong(), body.readInt());
    }

    static ByteBuf encode(MetaImage image, List<RecentEntries.Recent> entries) {
        ByteBuf answer = ByteBufAllocator.DEFAULT
                .buffer()
                .writeInt(image.leaderNode())
                .writeLong(image.index())
                .writeBoolean(false);
        return LinkFields.write(answer, entries, (to, entry) -> {
            to.writeLong(entry.index()).writeInt(entry.entry().length).writeBytes(entry.entry());
        });
    }

    static ByteBuf encode(MetaImage image, byte[] whole) {
        return ByteBufAllocator.DEFAULT
                .buffer(whole.length + 32)
                .writeInt(image.leaderNode())
                .writeLong(image.index())
                .writeBoolean(true)
                .writeInt(1)
                .writeLong(image.index())
                .writeInt(whole.length)
                .writeBytes(whole);
    }

    static News readNews(ByteBuf answer) {
        int leader = answer.readInt();
        long index = answer.readLong();
        boolean whole = answer.readBoolean();
        return new News(leader, index, whole, new ArrayList<>(LinkFields.list(answer, FeedCodec::readEntry)));
    }

    private static RecentEntries.Recent readEntry(ByteBuf answer) {
        long index = answer.readLong();
        byte[] entry = new byte[answer.readInt()];
        answer.readBytes(entry);
        return new RecentEntries.Recent(-1, index, entry);
    }

    static ByteBuf encode(byte[] entry) {
        return ByteBufAllocator.DEFAULT
                .buffer(1 + entry.length)
                .writeByte(ENTRY)
                .writeBytes(entry);
    }

    static ByteBuf encode(@Nullable Appended appended, @Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        BrokerError error = cause == null
                ? BrokerError.NONE
                : cause instanceof BrokerException refusal ? refusal.error() : BrokerError.NOT_META_LEADER;
        ByteBuf answer = ByteBufAllocator.DEFAULT.buffer(64);
        LinkFields.write(answer, error);
        LinkFields.write(answer, cause == null ? "" : String.valueOf(cause.getMessage()));
        return answer.writeLong(appended == null ? -1 : appended.index())
                .writeBoolean(appended != null && appended.applied());
    }

    /** Throws BrokerException for an entry that was not logged. */
    static Appended readAppended(ByteBuf answer) {
        BrokerError error = LinkFields.error(answer);
        String message = LinkFields.string(answer);
        if (error != BrokerError.NONE) {
            throw new BrokerException(error, message);
        }
        return new Appended(answer.readLong(), answer.readBoolean());
    }
}
