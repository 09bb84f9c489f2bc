package io.robustmq.core.tier.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.model.Partition;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierCommand.Claim;
import io.robustmq.core.tier.TierCommand.Commit;
import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.core.tier.TierCommand.Lead;
import io.robustmq.core.tier.TierCommand.Retire;
import io.robustmq.core.tier.TierFactCodec;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierRequester;

/** Bytes of what leaders ask of manifests. Malformed ones are an IndexOutOfBounds- or IllegalArgumentException. Stateless. */
final class TierLinkCodec {
    private static final int LEAD = 0;
    private static final int COMMIT = 1;
    private static final int RETIRE = 2;
    private static final int DESCRIBE = 3;

    private TierLinkCodec() {}

    static ByteBuf encode(TierCommand.OfPartition command) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(256);
        if (command instanceof Lead lead) {
            return head(body, LEAD, lead.partition())
                    .writeInt(lead.leaderEpoch())
                    .writeLong(lead.imageIndex());
        }
        if (command instanceof Commit commit) {
            write(head(body, COMMIT, commit.partition()), commit.claim());
            return TierFactCodec.write(body, commit.segment());
        }
        if (command instanceof Retire retire) {
            return write(head(body, RETIRE, retire.partition()), retire.claim()).writeLong(retire.beforeOffset());
        }
        if (command instanceof Describe describe) {
            return head(body, DESCRIBE, describe.partition());
        }
        body.release();
        throw new AssertionError(command);
    }

    static TierCommand.OfPartition decode(ByteBuf body, TierRequester requester) {
        int kind = body.readByte();
        Partition partition = LinkFields.partition(body);
        return switch (kind) {
            case LEAD -> new Lead(requester, partition, body.readInt(), body.readLong());
            case COMMIT -> {
                Claim claim = claim(body);
                yield new Commit(requester, partition, claim, TierFactCodec.readSegment(body));
            }
            case RETIRE -> {
                Claim claim = claim(body);
                yield new Retire(requester, partition, claim, body.readLong());
            }
            case DESCRIBE -> new Describe(requester, partition);
            default -> throw new IllegalArgumentException("question " + kind + " is not known");
        };
    }

    static ByteBuf encode(TierManifest manifest) {
        ByteBuf body = LinkFields.write(ByteBufAllocator.DEFAULT.buffer(256), BrokerError.NONE);
        return LinkFields.write(body.writeLong(manifest.term()), manifest.segments(), TierFactCodec::write);
    }

    static ByteBuf encode(BrokerError error) {
        return LinkFields.write(ByteBufAllocator.DEFAULT.buffer(32), error);
    }

    static void tell(ByteBuf answer, TierRequester requester) {
        BrokerError error = LinkFields.error(answer);
        if (error == BrokerError.NONE) {
            requester.answer(new TierManifest(answer.readLong(), LinkFields.list(answer, TierFactCodec::readSegment)));
        } else {
            requester.refuse(error);
        }
    }

    private static ByteBuf head(ByteBuf body, int kind, Partition partition) {
        return LinkFields.write(body.writeByte(kind), partition);
    }

    private static ByteBuf write(ByteBuf body, Claim claim) {
        return body.writeInt(claim.leaderEpoch()).writeLong(claim.term());
    }

    private static Claim claim(ByteBuf body) {
        return new Claim(body.readInt(), body.readLong());
    }
}
