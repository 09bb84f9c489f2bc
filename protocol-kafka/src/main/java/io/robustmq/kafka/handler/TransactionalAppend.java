package io.robustmq.kafka.handler;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Set;

/**
 * Appends a batch of a transaction. The first one in a partition is refused by the journal, which knows no transaction of the
 * producer; then the coordinator is asked, and the batch appended again. Since protocol 2 asking adds the partition to the
 * transaction; before, the client must have added it (KIP-890). Owned by the connection's loop.
 */
final class TransactionalAppend {
    private static final short ADDS_PARTITIONS = 12;

    private final Journal journal;
    private final TxnService transactions;
    private final KafkaRequest request;
    private final AppendOptions options;
    private final Partition partition;
    private final TxnPartition named;
    private final String transactionalId;
    private final ProduceReply.Part reply;

    TransactionalAppend(
            KafkaContext context,
            KafkaRequest request,
            AppendOptions options,
            Partition partition,
            TxnPartition named,
            String transactionalId,
            ProduceReply.Part reply) {
        this.journal = context.journal();
        this.transactions = context.transactions();
        this.request = request;
        this.options = options;
        this.partition = partition;
        this.named = named;
        this.transactionalId = transactionalId;
        this.reply = reply;
    }

    /** Takes {@code batch}. */
    void start(ByteBuf batch) {
        RecordBatch header = new RecordBatch(batch, batch.readerIndex());
        TxnCommand.Producer producer = new TxnCommand.Producer(header.producerId(), header.producerEpoch());
        ByteBuf kept = batch.retainedDuplicate();
        journal.append(partition, batch, options, request.loop(), result -> {
            if (result.error() == BrokerError.TRANSACTION_NOT_VERIFIED) {
                verify(kept, producer);
            } else {
                kept.release();
                reply.accept(result);
            }
        });
    }

    /** Not all clients know the error of an epoch in an answer to what they produce. */
    private static AppendResult moved(AppendResult result) {
        boolean fenced =
                result.error() == BrokerError.FENCED_LEADER_EPOCH || result.error() == BrokerError.UNKNOWN_LEADER_EPOCH;
        return fenced ? AppendResult.refused(BrokerError.NOT_LEADER) : result;
    }

    private void verify(ByteBuf batch, TxnCommand.Producer producer) {
        // Later batches must not overtake this one.
        request.holdFollowing();
        PartitionState state = journal.state(partition);
        if (state == null) {
            batch.release();
            reply.accept(AppendResult.refused(BrokerError.NOT_LEADER));
            request.letFollow();
            return;
        }
        long verifiedAt = state.logEndOffset();
        TxnAnswer answer = new TxnAnswer(
                request.loop(),
                done -> {
                    // In this epoch alone: another leader may have written markers meanwhile.
                    AppendOptions again = new AppendOptions(
                            options.acks(), options.origin(), state.leaderEpoch(), options.timeoutMs(), verifiedAt);
                    journal.append(partition, batch, again, request.loop(), result -> reply.accept(moved(result)));
                    request.letFollow();
                },
                error -> {
                    batch.release();
                    reply.refuse(TxnErrors.ofProduce(error, request.version()));
                    request.letFollow();
                });
        Set<TxnPartition> asked = Set.of(named);
        transactions.submitAnywhere(
                transactionalId,
                request.version() >= ADDS_PARTITIONS
                        ? new TxnCommand.AddPartitions(answer, transactionalId, producer, asked, true)
                        : new TxnCommand.VerifyPartitions(answer, transactionalId, producer, asked));
    }
}
