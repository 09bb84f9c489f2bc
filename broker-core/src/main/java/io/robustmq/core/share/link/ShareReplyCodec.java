package io.robustmq.core.share.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import io.robustmq.core.share.ShareReply.Described;
import io.robustmq.core.share.ShareReply.DescribedPartition;
import io.robustmq.core.share.ShareReply.Done;
import io.robustmq.core.share.ShareReply.NotStarted;
import io.robustmq.core.share.ShareReply.Removed;
import io.robustmq.core.share.ShareRequester;

/**
 * What a coordinator answers another node, as bytes. Stateless.
 *
 * <pre>
 *   refused    0 · error            not started  2
 *   done       1 · error            removed      4 · partitions int32
 *   acquired   3 · ranges list of: first, last int64 · deliveries int32 · lookAt int64 · full byte
 *   described  5 · list of: partition · start, done int64
 * </pre>
 */
final class ShareReplyCodec {
    private static final byte REFUSED = 0;
    private static final byte DONE = 1;
    private static final byte NOT_STARTED = 2;
    private static final byte ACQUIRED = 3;
    private static final byte REMOVED = 4;
    private static final byte DESCRIBED = 5;
    private static final int INITIAL_BYTES = 128;

    private ShareReplyCodec() {}

    static ByteBuf refused(BrokerError error) {
        return LinkFields.write(start(REFUSED), error);
    }

    static ByteBuf encode(ShareReply reply) {
        if (reply instanceof Acquired acquired) {
            ByteBuf body =
                    LinkFields.write(start(ACQUIRED), acquired.ranges(), (to, range) -> to.writeLong(range.first())
                            .writeLong(range.last())
                            .writeInt(range.deliveries()));
            return body.writeLong(acquired.lookAt()).writeBoolean(acquired.full());
        } else if (reply instanceof Done done) {
            return LinkFields.write(start(DONE), done.error());
        } else if (reply instanceof NotStarted) {
            return start(NOT_STARTED);
        } else if (reply instanceof Removed removed) {
            return start(REMOVED).writeInt(removed.partitions());
        } else if (reply instanceof Described described) {
            return LinkFields.write(
                    start(DESCRIBED), described.partitions(), (to, each) -> LinkFields.write(to, each.partition())
                            .writeLong(each.start())
                            .writeLong(each.done()));
        }
        throw new AssertionError(reply);
    }

    /** Tells the requester what the answer says. */
    static void tell(ByteBuf body, ShareRequester requester) {
        byte kind = body.readByte();
        switch (kind) {
            case REFUSED -> requester.refuse(LinkFields.error(body));
            case DONE -> requester.answer(new Done(LinkFields.error(body)));
            case NOT_STARTED -> requester.answer(new NotStarted());
            case ACQUIRED ->
                requester.answer(new Acquired(
                        LinkFields.list(
                                body, each -> new AcquiredRange(each.readLong(), each.readLong(), each.readInt())),
                        body.readLong(),
                        body.readBoolean()));
            case REMOVED -> requester.answer(new Removed(body.readInt()));
            case DESCRIBED ->
                requester.answer(new Described(LinkFields.list(
                        body,
                        each -> new DescribedPartition(LinkFields.partition(each), each.readLong(), each.readLong()))));
            default -> throw new IllegalArgumentException("answer about shared partitions of kind " + kind);
        }
    }

    private static ByteBuf start(byte kind) {
        return ByteBufAllocator.DEFAULT.buffer(INITIAL_BYTES).writeByte(kind);
    }
}
