package io.robustmq.kafka.txn;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnSnapshot;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.handler.TxnAnswer;
import io.robustmq.kafka.handler.TxnErrors;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TopicData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.Errors;

/** Transactional ids in detail. */
final class DescribeTransactionsHandler implements ApiHandler {
    private final TxnCalls calls;

    DescribeTransactionsHandler(TxnCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeTransactionsRequestData body = request.body(DescribeTransactionsRequestData.class);
        DescribeTransactionsResponseData response = new DescribeTransactionsResponseData();
        Pending pending =
                new Pending(request.loop(), body.transactionalIds().size() + 1, () -> request.respond(response));
        for (String transactionalId : body.transactionalIds()) {
            TransactionState state = new TransactionState().setTransactionalId(transactionalId);
            response.transactionStates().add(state);
            if (!calls.allowsId(request, Operation.DESCRIBE, transactionalId)) {
                state.setErrorCode(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code());
                pending.done();
                continue;
            }
            TxnAnswer answer = new TxnAnswer(
                    request.loop(),
                    reply -> {
                        fill(request, state, reply);
                        pending.done();
                    },
                    error -> {
                        state.setErrorCode(TxnErrors.of(error, true, true).code());
                        pending.done();
                    });
            calls.service().submit(transactionalId, new TxnCommand.DescribeTransaction(answer, transactionalId));
        }
        pending.done();
    }

    private void fill(KafkaRequest request, TransactionState state, TxnReply reply) {
        if (!(reply instanceof TxnReply.Described described)) {
            state.setErrorCode(TxnErrors.of(BrokerError.UNEXPECTED, true, true).code());
            return;
        }
        TxnSnapshot now = described.snapshot();
        state.setTransactionState(now.state().text())
                .setTransactionTimeoutMs(now.timeoutMs())
                .setTransactionStartTimeMs(now.startMs())
                .setProducerId(now.producerId())
                .setProducerEpoch(now.producerEpoch());
        for (TxnPartition partition : described.unmarked()) {
            if (calls.allowsTopic(request, Operation.DESCRIBE, partition.topic())) {
                TopicData topic = state.topics().find(partition.topic());
                if (topic == null) {
                    topic = new TopicData().setTopic(partition.topic());
                    state.topics().add(topic);
                }
                topic.partitions().add(partition.partition());
            }
        }
        state.topics().forEach(topic -> topic.partitions().sort(null));
    }
}
