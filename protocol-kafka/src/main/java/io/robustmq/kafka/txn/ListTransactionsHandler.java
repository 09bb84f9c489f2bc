package io.robustmq.kafka.txn;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnReply.TxnSummary;
import io.robustmq.core.txn.TxnState;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.handler.TxnAnswer;
import io.robustmq.kafka.handler.TxnErrors;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.Errors;

/** The transactional ids whose coordinator this node is; a client asks every node. */
final class ListTransactionsHandler implements ApiHandler {
    private final TxnCalls calls;

    ListTransactionsHandler(TxnCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        ListTransactionsRequestData body = request.body(ListTransactionsRequestData.class);
        ListTransactionsResponseData response = new ListTransactionsResponseData();
        for (String state : body.stateFilters()) {
            if (Arrays.stream(TxnState.values()).noneMatch(known -> known.text().equals(state))) {
                response.unknownStateFilters().add(state);
            }
        }
        List<Integer> partitions = List.copyOf(calls.service().partitionsLed());
        Pending pending = new Pending(request.loop(), partitions.size() + 1, () -> respond(request, response));
        for (int partition : partitions) {
            TxnAnswer answer = new TxnAnswer(
                    request.loop(),
                    reply -> {
                        add(request, body, response, reply);
                        pending.done();
                    },
                    error -> {
                        // Leadership that went away meanwhile is no error: another node lists those.
                        if (error != BrokerError.NOT_COORDINATOR) {
                            response.setErrorCode(
                                    TxnErrors.of(error, true, true).code());
                        }
                        pending.done();
                    });
            calls.service().submitTo(partition, new TxnCommand.ListTransactions(answer));
        }
        pending.done();
    }

    private void add(
            KafkaRequest request,
            ListTransactionsRequestData body,
            ListTransactionsResponseData response,
            TxnReply reply) {
        if (!(reply instanceof TxnReply.Listed listed)) {
            response.setErrorCode(Errors.UNKNOWN_SERVER_ERROR.code());
            return;
        }
        long nowMs = request.loop().nowMs();
        for (TxnSummary each : listed.transactions()) {
            boolean wanted = (body.stateFilters().isEmpty()
                            || body.stateFilters().contains(each.state().text()))
                    && (body.producerIdFilters().isEmpty()
                            || body.producerIdFilters().contains(each.producerId()))
                    && (body.durationFilter() < 0 || runsLonger(each, nowMs, body.durationFilter()));
            if (wanted && calls.allowsId(request, Operation.DESCRIBE, each.transactionalId())) {
                response.transactionStates()
                        .add(new TransactionState()
                                .setTransactionalId(each.transactionalId())
                                .setProducerId(each.producerId())
                                .setTransactionState(each.state().text()));
            }
        }
    }

    private static void respond(KafkaRequest request, ListTransactionsResponseData response) {
        request.respond(
                response.errorCode() == Errors.NONE.code() ? response : response.setTransactionStates(List.of()));
    }

    private static boolean runsLonger(TxnSummary each, long nowMs, long durationMs) {
        boolean running = each.state() == TxnState.ONGOING || each.state().isPrepared();
        return running && nowMs - each.startMs() > durationMs;
    }
}
