package io.robustmq.meta;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.meta.raft.Appended;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes between a node that follows the metadata and one that votes on it. Stateless.
 *
 * <pre>
 *   watch    0 · index int64 · leader int32      answer  leader int32 · index int64 · quorum · whole boolean · list of index int64, entry
 *   entry    1 · entry                           answer  error, a string · message, a string · index int64 · applied boolean
 *   quorum   2 · kind, a string · node int32     answer  error, a string · message, a string
 *   remove   3 · node int32 · force boolean      answer  error, a string · message, a string
 * </pre>
 */
final class FeedCodec {
    static final byte WATCH = 0;
    static final byte ENTRY = 1;
    static final byte QUORUM = 2;
    static final byte REMOVE = 3;

    private FeedCodec() {}

    /** What a node knows. */
    record Watch(long index, int leaderNode) {}

    /** What it is told; {@code whole}: one entry that leads to the image from nothing. */
    record News(int leaderNode, long index, QuorumImage quorum, boolean whole, List<RecentEntries.Recent> entries) {}

    /** A node that is gone for good. */
    record Removal(int node, boolean force) {}

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

    static ByteBuf encode(MetaImage image, QuorumImage quorum, List<RecentEntries.Recent> entries) {
        ByteBuf answer = head(image, quorum).writeBoolean(false);
        return LinkFields.write(answer, entries, (to, entry) -> {
            to.writeLong(entry.index()).writeInt(entry.entry().length).writeBytes(entry.entry());
        });
    }

    static ByteBuf encode(MetaImage image, QuorumImage quorum, byte[] whole) {
        return head(image, quorum)
                .writeBoolean(true)
                .writeInt(1)
                .writeLong(image.index())
                .writeInt(whole.length)
                .writeBytes(whole);
    }

    private static ByteBuf head(MetaImage image, QuorumImage quorum) {
        ByteBuf answer =
                ByteBufAllocator.DEFAULT.buffer().writeInt(image.leaderNode()).writeLong(image.index());
        writeAddresses(answer, quorum.voters());
        writeAddresses(answer, quorum.observers());
        LinkFields.write(answer, quorum.committed().entrySet(), (to, node) -> to.writeInt(node.getKey())
                .writeLong(node.getValue()));
        return answer.writeLong(quorum.term());
    }

    private static void writeAddresses(ByteBuf answer, Map<Integer, String> addresses) {
        LinkFields.write(
                answer,
                addresses.entrySet(),
                (to, node) -> LinkFields.write(to.writeInt(node.getKey()), node.getValue()));
    }

    static News readNews(ByteBuf answer) {
        int leader = answer.readInt();
        long index = answer.readLong();
        QuorumImage quorum = readQuorum(answer);
        boolean whole = answer.readBoolean();
        return new News(leader, index, quorum, whole, new ArrayList<>(LinkFields.list(answer, FeedCodec::readEntry)));
    }

    private static QuorumImage readQuorum(ByteBuf answer) {
        Map<Integer, String> voters = readAddresses(answer);
        Map<Integer, String> observers = readAddresses(answer);
        Map<Integer, Long> committed = new HashMap<>();
        LinkFields.list(answer, from -> committed.put(from.readInt(), from.readLong()));
        return new QuorumImage(voters, observers, committed, answer.readLong());
    }

    private static Map<Integer, String> readAddresses(ByteBuf answer) {
        Map<Integer, String> addresses = new HashMap<>();
        LinkFields.list(answer, from -> addresses.put(from.readInt(), LinkFields.string(from)));
        return addresses;
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

    static ByteBuf encode(QuorumChange change) {
        ByteBuf question = ByteBufAllocator.DEFAULT.buffer(32).writeByte(QUORUM);
        return LinkFields.write(question, change.kind().name()).writeInt(change.node());
    }

    static QuorumChange readChange(ByteBuf question) {
        return new QuorumChange(QuorumChange.Kind.valueOf(LinkFields.string(question)), question.readInt());
    }

    static ByteBuf encode(Removal removal) {
        return ByteBufAllocator.DEFAULT
                .buffer(8)
                .writeByte(REMOVE)
                .writeInt(removal.node)
                .writeBoolean(removal.force);
    }

    static Removal readRemoval(ByteBuf question) {
        return new Removal(question.readInt(), question.readBoolean());
    }

    /** Either of done, or refused. */
    static ByteBuf encode(MetaReply reply) {
        ByteBuf answer = ByteBufAllocator.DEFAULT.buffer(64);
        boolean refused = reply instanceof MetaReply.Refused;
        LinkFields.write(answer, refused ? ((MetaReply.Refused) reply).error() : BrokerError.NONE);
        return LinkFields.write(answer, refused ? ((MetaReply.Refused) reply).message() : "");
    }

    static MetaReply readReply(ByteBuf answer) {
        BrokerError error = LinkFields.error(answer);
        String message = LinkFields.string(answer);
        return error == BrokerError.NONE ? new MetaReply.Done() : new MetaReply.Refused(error, message);
    }
}
