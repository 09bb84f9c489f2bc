package io.robustmq.kafka.txn;

import com.google.re2j.PatternSyntaxException;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.regex.ClientRegex;
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
import java.util.function.Predicate;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

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
        Predicate<String> named;
        try {
            named = named(body.transactionalIdPattern());
        } catch (PatternSyntaxException e) {
            request.respond(response.setErrorCode(Errors.INVALID_REGULAR_EXPRESSION.code()));
            return;
        }
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
                        add(request, body, named, response, reply);
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

    /** Ids that match as a whole (KIP-1152). */
    private static Predicate<String> named(@Nullable String regex) {
        if (regex == null || regex.isEmpty()) {
            return id -> true;
        }
        return ClientRegex.compile(regex)::matches;
    }

    private void add(
            KafkaRequest request,
            ListTransactionsRequestData body,
            Predicate<String> named,
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
                    && named.test(each.transactionalId())
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
