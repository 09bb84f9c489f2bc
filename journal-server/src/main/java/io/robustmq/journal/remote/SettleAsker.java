package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import org.jspecify.annotations.Nullable;

/**
 * Asks one node until it says that what it had begun to append to a partition has come to an end, or until its life has ended: other
 * nodes' appends in such a life are refused by leaders. Owned by its loop.
 */
final class SettleAsker {
    /** Longer than who is asked takes to answer: else he would lose the link. */
    private static final int ANSWER_MS_MAX = 60_000;

    private static final int AGAIN_MS = 500;

    private final NodeImage other;
    private final Partition partition;
    private final ClusterJournal cluster;
    private final Loop loop;
    private final Runnable done;
    private Cancellable watch = Cancellable.NOTHING;
    private boolean isDone;

    /** @param done runs once, in {@code loop} */
    SettleAsker(NodeImage other, Partition partition, ClusterJournal cluster, Loop loop, Runnable done) {
        this.other = other;
        this.partition = partition;
        this.cluster = cluster;
        this.loop = loop;
        this.done = done;
    }

    void begin() {
        watch = cluster.imageWaits().until(this::hasEnded, loop, this::finish);
        ask();
    }

    private boolean hasEnded(MetaImage image) {
        NodeImage now = image.nodes().get(other.id());
        return now == null || now.fenced() || now.incarnationEpoch() != other.incarnationEpoch();
    }

    private void ask() {
        if (isDone) {
            return;
        }
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(AppendCodec.HEAD_BYTES + Long.BYTES);
        AppendCodec.writeSettle(partition, cluster.image().index(), body);
        cluster.link().ask(other.id(), NodeLink.Call.APPEND, body, ANSWER_MS_MAX, loop, this::answered);
    }

    private void answered(@Nullable ByteBuf answer) {
        // A version that does not know the question has answered another one.
        if (answer == null || AppendCodec.readResult(answer).error() == BrokerError.REQUEST_TIMED_OUT) {
            loop.schedule(AGAIN_MS, this::ask);
        } else {
            finish();
        }
    }

    private void finish() {
        if (!isDone) {
            isDone = true;
            watch.cancel();
            done.run();
        }
    }
}
