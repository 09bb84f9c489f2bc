package io.robustmq.kafka.txn;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnSnapshot;
import io.robustmq.kafka.handler.ProducerIds;
import io.robustmq.kafka.handler.TxnAnswer;
import io.robustmq.kafka.handler.TxnErrors;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Commits or aborts. Since protocol 2 the answer carries the producer's next epoch, or its next id when the epochs ran out. */
final class EndTxnHandler implements ApiHandler {
    private static final short KNOWS_FENCED = 2;
    private static final short KNOWS_ABORTABLE = 4;
    private static final short BUMPS_EPOCH = 5;

    private final TxnCalls calls;
    private final ProducerIds ids;

    EndTxnHandler(TxnCalls calls, ProducerIds ids) {
        this.calls = calls;
        this.ids = ids;
    }

    @Override
    public void handle(KafkaRequest request) {
        EndTxnRequestData body = request.body(EndTxnRequestData.class);
        if (calls.allowsId(request, Operation.WRITE, body.transactionalId())) {
            end(request, body, TxnSnapshot.NO_ID);
        } else {
            request.respond(refused(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
        }
    }

    private void end(KafkaRequest request, EndTxnRequestData body, long freshProducerId) {
        TxnAnswer answer =
                new TxnAnswer(request.loop(), reply -> answered(request, body, reply), error -> refuse(request, error));
        TxnCommand.Producer producer = new TxnCommand.Producer(body.producerId(), body.producerEpoch());
        calls.service()
                .submit(
                        body.transactionalId(),
                        new TxnCommand.EndTransaction(
                                answer,
                                body.transactionalId(),
                                producer,
                                body.committed(),
                                request.version() >= BUMPS_EPOCH,
                                freshProducerId));
    }

    private void answered(KafkaRequest request, EndTxnRequestData body, TxnReply reply) {
        if (reply instanceof TxnReply.NeedsProducerId) {
            ids.take(new ProducerIds.Waiter(request.loop(), (error, id) -> {
                if (error == BrokerError.NONE) {
                    end(request, body, id);
                } else {
                    refuse(request, error);
                }
            }));
        } else if (reply instanceof TxnReply.Producer producer) {
            EndTxnResponseData response = new EndTxnResponseData();
            if (request.version() >= BUMPS_EPOCH) {
                response.setProducerId(producer.producerId()).setProducerEpoch(producer.producerEpoch());
            }
            request.respond(response);
        } else {
            refuse(request, BrokerError.UNEXPECTED);
        }
    }

    private static void refuse(KafkaRequest request, BrokerError error) {
        request.respond(
                refused(TxnErrors.of(error, request.version() >= KNOWS_FENCED, request.version() >= KNOWS_ABORTABLE)));
    }

    private static EndTxnResponseData refused(Errors error) {
        return new EndTxnResponseData().setErrorCode(error.code());
    }
}
