package io.robustmq.kafka.handler;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Set;
import java.util.function.Consumer;

/**
 * To the journal, the transaction's coordinator and the client, for one partition of a produce request. Since protocol 2 asking
 * the coordinator adds the partition to the transaction; before, the client must have added it (KIP-890).
 */
record TransactionalPath(
        KafkaContext context,
        KafkaRequest request,
        AppendOptions options,
        Partition partition,
        TxnPartition named,
        String transactionalId,
        ProduceReply.Part reply)
        implements TransactionalAppend.Path {
    private static final short ADDS_PARTITIONS = 12;

    @Override
    public void append(ByteBuf batch, AppendOptions how, Consumer<AppendResult> then) {
        context.journal().append(partition, batch, how, request.loop(), result -> then.accept(moved(result)));
    }

    /** Not all clients know the error of an epoch in an answer to what they produce. */
    private static AppendResult moved(AppendResult result) {
        boolean fenced =
                result.error() == BrokerError.FENCED_LEADER_EPOCH || result.error() == BrokerError.UNKNOWN_LEADER_EPOCH;
        return fenced ? AppendResult.refused(BrokerError.NOT_LEADER) : result;
    }

    @Override
    public void verify(TxnCommand.Producer producer, Consumer<AppendOptions> verified, Consumer<BrokerError> refused) {
        context.journal().leaderState(partition, request.loop(), state -> {
            if (state == null) {
                refused.accept(BrokerError.NOT_LEADER);
            } else {
                verify(producer, state, verified, refused);
            }
        });
    }

    private void verify(
            TxnCommand.Producer producer,
            PartitionState state,
            Consumer<AppendOptions> verified,
            Consumer<BrokerError> refused) {
        // In this epoch alone: another leader may have written markers meanwhile.
        AppendOptions again = new AppendOptions(
                options.acks(), options.origin(), state.leaderEpoch(), options.timeoutMs(), state.logEndOffset());
        TxnAnswer answer = new TxnAnswer(request.loop(), done -> verified.accept(again), refused);
        Set<TxnPartition> asked = Set.of(named);
        context.transactions()
                .submitAnywhere(
                        transactionalId,
                        request.version() >= ADDS_PARTITIONS
                                ? new TxnCommand.AddPartitions(answer, transactionalId, producer, asked, true)
                                : new TxnCommand.VerifyPartitions(answer, transactionalId, producer, asked));
    }

    @Override
    public void done(AppendResult result) {
        reply.accept(result);
    }

    @Override
    public void refused(BrokerError error) {
        if (error == BrokerError.NOT_LEADER) {
            reply.accept(AppendResult.refused(error));
        } else {
            reply.refuse(TxnErrors.ofProduce(error, request.version()));
        }
    }
}
