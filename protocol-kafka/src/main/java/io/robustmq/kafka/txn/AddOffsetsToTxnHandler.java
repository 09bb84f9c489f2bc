package io.robustmq.kafka.txn;

import io.robustmq.core.model.TopicName;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.kafka.handler.TxnAnswer;
import io.robustmq.kafka.handler.TxnErrors;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.protocol.Errors;

/** A producer of the first transaction protocol says that it is about to commit a group's offsets. */
final class AddOffsetsToTxnHandler implements ApiHandler {
    private static final short KNOWS_FENCED = 2;
    private static final short KNOWS_ABORTABLE = 4;

    private final TxnCalls calls;

    AddOffsetsToTxnHandler(TxnCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        AddOffsetsToTxnRequestData body = request.body(AddOffsetsToTxnRequestData.class);
        if (!calls.allowsId(request, Operation.WRITE, body.transactionalId())) {
            request.respond(response(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
        } else if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(response(Errors.GROUP_AUTHORIZATION_FAILED));
        } else {
            CompletableFuture<Integer> unused = calls.groups()
                    .ensureTopic()
                    .whenComplete((partitions, failure) -> request.loop().run(() -> add(request, body)));
        }
    }

    private void add(KafkaRequest request, AddOffsetsToTxnRequestData body) {
        int index = calls.groups().partitionOf(body.groupId());
        if (index < 0) {
            request.respond(response(Errors.COORDINATOR_NOT_AVAILABLE));
            return;
        }
        TxnAnswer answer = new TxnAnswer(
                request.loop(),
                done -> request.respond(response(Errors.NONE)),
                error -> request.respond(response(
                        TxnErrors.of(error, request.version() >= KNOWS_FENCED, request.version() >= KNOWS_ABORTABLE))));
        TxnCommand.Producer producer = new TxnCommand.Producer(body.producerId(), body.producerEpoch());
        calls.service()
                .submit(
                        body.transactionalId(),
                        new TxnCommand.AddPartitions(
                                answer,
                                body.transactionalId(),
                                producer,
                                Set.of(new TxnPartition(TopicName.CONSUMER_OFFSETS, index)),
                                false));
    }

    private static AddOffsetsToTxnResponseData response(Errors error) {
        return new AddOffsetsToTxnResponseData().setErrorCode(error.code());
    }
}
