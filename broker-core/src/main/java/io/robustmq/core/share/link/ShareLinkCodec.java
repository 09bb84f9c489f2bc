package io.robustmq.core.share.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.share.AcknowledgeType;
import io.robustmq.core.share.ShareCommand;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Describe;
import io.robustmq.core.share.ShareCommand.ForgetGroup;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.Move;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Release;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareKey;
import io.robustmq.core.share.ShareRequester;
import io.robustmq.core.share.ShareTerms;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/**
 * What nodes ask each other about what groups share, as bytes. A group's terms are not sent: every node has them. Stateless.
 *
 * <pre>
 *   start        0 · key · offset int64 · image index int64, if the node says it
 *   acquire      1 · key · member · log start, end int64 · seen from, until int64 · batches list of 2 × int64 · wish
 *                 · leader epoch int32, if the node says it
 *   acknowledge  2 · key · member · records list of: first, last int64 · types list of byte
 *   release      3 · key · member
 *   move         4 · key · offset int64 · image index int64, if the node says it
 *   forget       5 · partition int32 · group · topics list of topic id
 *   describe     6 · partition int32 · group
 *   check        7 · group
 *   watch        8
 *   key          group string · partition      wish  recordsMax int32 · strict byte · together int32
 * </pre>
 */
final class ShareLinkCodec {
    static final byte START = 0;
    static final byte ACQUIRE = 1;
    static final byte ACKNOWLEDGE = 2;
    static final byte RELEASE = 3;
    static final byte MOVE = 4;
    static final byte FORGET = 5;
    static final byte DESCRIBE = 6;
    static final byte CHECK = 7;
    static final byte WATCH = 8;

    private static final int INITIAL_BYTES = 256;

    private ShareLinkCodec() {}

    static ByteBuf encode(int partition, ShareCommand command) {
        if (command instanceof Acquire acquire) {
            return acquire(acquire);
        } else if (command instanceof Acknowledge acknowledge) {
            ByteBuf body = LinkFields.write(write(start(ACKNOWLEDGE), acknowledge.key()), acknowledge.memberId());
            return LinkFields.write(body, acknowledge.records(), ShareLinkCodec::write);
        } else if (command instanceof Release release) {
            return LinkFields.write(write(start(RELEASE), release.key()), release.memberId());
        } else if (command instanceof Start start) {
            return write(start(START), start.key()).writeLong(start.offset()).writeLong(start.imageIndex());
        } else if (command instanceof Move move) {
            return write(start(MOVE), move.key()).writeLong(move.offset()).writeLong(move.imageIndex());
        } else if (command instanceof ForgetGroup forget) {
            ByteBuf body = LinkFields.write(start(FORGET).writeInt(partition), forget.groupId());
            return LinkFields.write(body, forget.topicIds(), LinkFields::write);
        } else if (command instanceof Describe describe) {
            return LinkFields.write(start(DESCRIBE).writeInt(partition), describe.groupId());
        }
        throw new AssertionError("a coordinator tells itself: " + command);
    }

    static ByteBuf check(String groupId) {
        return LinkFields.write(start(CHECK), groupId);
    }

    static ByteBuf watch() {
        return start(WATCH);
    }

    private static ByteBuf acquire(Acquire acquire) {
        ByteBuf body = LinkFields.write(write(start(ACQUIRE), acquire.key()), acquire.memberId());
        body.writeLong(acquire.log().start()).writeLong(acquire.log().end());
        body.writeLong(acquire.seen().from()).writeLong(acquire.seen().until());
        LinkFields.write(body, acquire.seen().batches(), (to, range) -> to.writeLong(range.first())
                .writeLong(range.last()));
        Wish wish = acquire.wish();
        body.writeInt(wish.recordsMax()).writeBoolean(wish.strict()).writeInt(wish.together());
        return body.writeInt(acquire.log().leaderEpoch());
    }

    private static void write(ByteBuf body, Acknowledged records) {
        body.writeLong(records.first()).writeLong(records.last());
        LinkFields.write(body, records.types(), (to, type) -> to.writeByte(type.code()));
    }

    /** The command behind its kind and key, if it concerns one partition that is shared. */
    static ShareCommand keyed(
            byte kind,
            ShareKey key,
            ByteBuf body,
            ShareRequester requester,
            Function<String, ShareTerms> terms,
            Waiters waiters) {
        return switch (kind) {
            case START -> new Start(requester, key, body.readLong(), imageIndex(body));
            case ACQUIRE -> acquire(body, requester, key, terms.apply(key.groupId()), waiters);
            case ACKNOWLEDGE -> {
                String member = LinkFields.string(body);
                List<Acknowledged> records = LinkFields.list(body, ShareLinkCodec::acknowledged);
                yield new Acknowledge(requester, key, member, terms.apply(key.groupId()), records);
            }
            case RELEASE -> new Release(requester, key, LinkFields.string(body));
            case MOVE -> new Move(requester, key, body.readLong(), imageIndex(body));
            default -> throw new IllegalArgumentException("request about shared partitions of kind " + kind);
        };
    }

    private static long imageIndex(ByteBuf body) {
        return body.isReadable() ? body.readLong() : ShareCommand.UNKNOWN_INDEX;
    }

    /** What a coordinator runs when there may be more at a slot. */
    @FunctionalInterface
    interface Waiters {
        Runnable at(Slot slot);
    }

    private static Acquire acquire(
            ByteBuf body, ShareRequester requester, ShareKey key, ShareTerms terms, Waiters waiters) {
        String member = LinkFields.string(body);
        long start = body.readLong();
        long end = body.readLong();
        long from = body.readLong();
        long until = body.readLong();
        Seen seen =
                new Seen(from, until, LinkFields.list(body, each -> new OffsetRange(each.readLong(), each.readLong())));
        Wish wish = new Wish(body.readInt(), body.readBoolean(), body.readInt());
        LogBounds log = new LogBounds(start, end, body.isReadable() ? body.readInt() : LogBounds.UNKNOWN_EPOCH);
        return new Acquire(requester, key, member, terms, log, seen, wish, waiters.at(new Slot(key, member)));
    }

    private static Acknowledged acknowledged(ByteBuf body) {
        return new Acknowledged(body.readLong(), body.readLong(), LinkFields.list(body, ShareLinkCodec::type));
    }

    private static AcknowledgeType type(ByteBuf body) {
        byte code = body.readByte();
        AcknowledgeType type = AcknowledgeType.of(code);
        if (type == null) {
            throw new IllegalArgumentException("acknowledgement of type " + code);
        }
        return type;
    }

    static ForgetGroup forget(ByteBuf body, ShareRequester requester) {
        String group = LinkFields.string(body);
        return new ForgetGroup(requester, group, new HashSet<>(LinkFields.list(body, LinkFields::topicId)));
    }

    static Describe describe(ByteBuf body, ShareRequester requester) {
        return new Describe(requester, LinkFields.string(body));
    }

    static ByteBuf encode(List<Slot> woken) {
        return LinkFields.write(
                ByteBufAllocator.DEFAULT.buffer(INITIAL_BYTES),
                woken,
                (to, slot) -> LinkFields.write(write(to, slot.key()), slot.memberId()));
    }

    static List<Slot> woken(ByteBuf body) {
        return LinkFields.list(body, from -> new Slot(key(from), LinkFields.string(from)));
    }

    static ByteBuf encode(BrokerError error) {
        return LinkFields.write(ByteBufAllocator.DEFAULT.buffer(INITIAL_BYTES), error);
    }

    private static ByteBuf start(byte kind) {
        return ByteBufAllocator.DEFAULT.buffer(INITIAL_BYTES).writeByte(kind);
    }

    private static ByteBuf write(ByteBuf body, ShareKey key) {
        return LinkFields.write(LinkFields.write(body, key.groupId()), key.partition());
    }

    static ShareKey key(ByteBuf body) {
        return new ShareKey(LinkFields.string(body), LinkFields.partition(body));
    }
}
