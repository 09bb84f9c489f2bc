package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.PartitionState;

/**
 * Appends for other nodes to what this one leads. A node that was taken for dead appends nothing of its former life: whoever
 * took its place has looked through the log, and what was not there is not to come. Stateless.
 */
public final class AppendService implements NodeLink.Service {
    /** Who hears nothing of the metadata for longer is taken for dead. */
    private static final int IMAGE_MS_MAX = 5_000;
    /** So long writers try at least; with the above it is less than whoever asks waits. */
    private static final int SETTLE_MS_MAX = 45_000;

    private final Journal journal;
    private final MetaLog meta;
    private final ClusterJournal own;

    /** @param own by which this node appends to what others lead */
    public AppendService(Journal journal, MetaLog meta, ClusterJournal own) {
        this.journal = journal;
        this.meta = meta;
        this.own = own;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                byte kind = body.readByte();
                if (kind == AppendCodec.APPEND) {
                    append(body, loop, answer);
                } else if (kind == AppendCodec.SETTLE) {
                    settle(AppendCodec.readPartition(body), body.readLong(), loop, answer);
                } else {
                    Partition partition = AppendCodec.readPartition(body);
                    long imageIndex = body.readLong();
                    // An answer says that what was handed over before has been written.
                    journal.producers(partition, loop, producers -> answer(answer, end(partition, imageIndex)));
                }
            }

            @Override
            public void ended() {}
        };
    }

    private void append(ByteBuf body, Loop loop, NodeLink.Answer answer) {
        AppendCodec.Append asked = AppendCodec.readAppend(body);
        NodeImage node = meta.image().nodes().get(asked.node());
        if (node == null || node.fenced() || node.incarnationEpoch() != asked.incarnation()) {
            answer(answer, AppendResult.refused(BrokerError.NOT_LEADER));
            return;
        }
        AppendOptions options = new AppendOptions(
                asked.all() ? Acks.ALL : Acks.LEADER,
                AppendOptions.Origin.NODE,
                AppendOptions.ANY_EPOCH,
                asked.timeoutMs());
        journal.append(
                asked.partition(),
                body.readRetainedSlice(body.readableBytes()),
                options,
                loop,
                result -> answer(answer, result));
    }

    /** Once this node knows what the asking one does: it may be that it is home to some sessions no more. */
    private void settle(Partition partition, long imageIndex, Loop loop, NodeLink.Answer answer) {
        own.imageWaits().until(image -> image.index() >= imageIndex, IMAGE_MS_MAX, loop, isKnown -> {
            if (isKnown) {
                new Settling(answer).begin(partition, loop);
            } else {
                answer(answer, AppendResult.refused(BrokerError.REQUEST_TIMED_OUT));
            }
        });
    }

    /** Answers once, in time: a partition may be without a leader for long. Owned by its loop. */
    private final class Settling {
        private final NodeLink.Answer to;
        private Cancellable waiter = Cancellable.NOTHING;
        private Cancellable timeout = Cancellable.NOTHING;
        private boolean isOver;

        Settling(NodeLink.Answer to) {
            this.to = to;
        }

        void begin(Partition partition, Loop loop) {
            timeout = loop.schedule(SETTLE_MS_MAX, () -> finish(AppendResult.refused(BrokerError.REQUEST_TIMED_OUT)));
            waiter = own.whenSettled(partition, loop, () -> finish(AppendResult.appended(0, -1, 0)));
        }

        private void finish(AppendResult result) {
            if (!isOver) {
                isOver = true;
                timeout.cancel();
                waiter.cancel();
                answer(to, result);
            }
        }
    }

    /** The end of the log here, once this node knows at least what the asking one does of who lives. */
    private AppendResult end(Partition partition, long imageIndex) {
        MetaImage image = meta.image();
        PartitionState state = journal.state(partition);
        return state == null || !state.leader() || image.index() < imageIndex
                ? AppendResult.refused(BrokerError.NOT_LEADER)
                : AppendResult.appended(state.logEndOffset(), -1, state.logStartOffset());
    }

    private static void answer(NodeLink.Answer to, AppendResult result) {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer(64);
        AppendCodec.write(result, bytes);
        to.send(bytes);
    }
}
