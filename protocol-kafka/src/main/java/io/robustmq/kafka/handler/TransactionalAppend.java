package io.robustmq.kafka.handler;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.txn.TxnCommand;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends a batch of a transaction. The first one in a partition is refused by the journal, which knows no transaction of the
 * producer; then the coordinator is asked, and the batch appended again (KIP-890).
 *
 * <p>Batches that follow on the same connection do not wait for that. What the journal refuses meanwhile, since they are not
 * verified either or the batch before them is missing, is appended again behind that one; when the coordinator refuses it,
 * they are refused likewise: without it they would leave a gap. Owned by the connection's loop.
 */
final class TransactionalAppend {
    private final TransactionalOrder order;
    private final Partition partition;
    private final Path path;
    private final AppendOptions options;
    private final ByteBuf batch;
    private final TxnCommand.Producer producer;
    private final int baseSequence;

    /** The batch before this one, as long as this one's place is not settled. */
    private @Nullable TransactionalAppend earlier;

    /** What the batch after this one does when the place of this one is settled. */
    private @Nullable Runnable follower;

    private boolean settled;
    private boolean appendedAgain;
    private BrokerError refusal = BrokerError.NONE;

    /** The first sequence that is missing since the coordinator refused. */
    private int refusedFrom;

    /** What it takes from others, for one partition of one request; all of it answers in the connection's loop. */
    interface Path {
        /** Takes {@code batch}. */
        void append(ByteBuf batch, AppendOptions options, Consumer<AppendResult> then);

        /** Asks the coordinator whether the partition is, or is now, part of the producer's transaction. */
        void verify(TxnCommand.Producer producer, Consumer<AppendOptions> verified, Consumer<BrokerError> refused);

        void done(AppendResult result);

        void refused(BrokerError error);
    }

    /** Takes {@code batch}. */
    TransactionalAppend(
            TransactionalOrder order, Partition partition, ByteBuf batch, AppendOptions options, Path path) {
        RecordBatch header = new RecordBatch(batch, batch.readerIndex());
        this.order = order;
        this.path = path;
        this.options = options;
        this.batch = batch;
        this.producer = new TxnCommand.Producer(header.producerId(), header.producerEpoch());
        this.baseSequence = header.baseSequence();
        this.partition = partition;
    }

    void start() {
        TransactionalAppend before = order.newest(partition);
        if (before != null && isInGapOf(before)) {
            batch.release();
            path.refused(before.refusal);
            return;
        }
        earlier = before == null || before.settled || !producer.equals(before.producer) ? null : before;
        order.follow(partition, this);
        path.append(batch.retainedDuplicate(), options, result -> {
            boolean notVerified = result.error() == BrokerError.TRANSACTION_NOT_VERIFIED;
            if (notVerified || isOvertaken(result)) {
                afterEarlier(notVerified);
            } else {
                finish(result);
            }
        });
    }

    private boolean isInGapOf(TransactionalAppend before) {
        return before.refusal != BrokerError.NONE
                && producer.equals(before.producer)
                && baseSequence - before.refusedFrom > 0;
    }

    private boolean isOvertaken(AppendResult result) {
        return result.error() == BrokerError.OUT_OF_ORDER_SEQUENCE
                && earlier != null
                && (!earlier.settled || earlier.appendedAgain);
    }

    private void afterEarlier(boolean notVerified) {
        TransactionalAppend before = earlier;
        if (before != null && !before.settled) {
            before.follower = () -> afterEarlier(notVerified);
        } else if (before != null && isInGapOf(before)) {
            refuse(before.refusal, before.refusedFrom);
        } else if (notVerified && (before == null || !before.appendedAgain)) {
            path.verify(producer, this::appendAgain, error -> refuse(error, baseSequence));
        } else {
            appendAgain(options);
        }
    }

    /** Whatever follows is appended behind it. */
    private void appendAgain(AppendOptions verified) {
        appendedAgain = true;
        path.append(batch.retainedDuplicate(), verified, this::finish);
        settle();
    }

    private void finish(AppendResult result) {
        batch.release();
        path.done(result);
        order.forget(partition, this);
        settle();
    }

    private void refuse(BrokerError error, int from) {
        refusal = error;
        refusedFrom = from;
        batch.release();
        path.refused(error);
        settle();
    }

    private void settle() {
        settled = true;
        earlier = null;
        Runnable next = follower;
        follower = null;
        if (next != null) {
            next.run();
        }
    }
}
