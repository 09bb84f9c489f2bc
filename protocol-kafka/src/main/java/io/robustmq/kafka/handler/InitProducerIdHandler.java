package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Gives an idempotent producer its id; a transactional one also an epoch, which fences whoever used the id before. */
public final class InitProducerIdHandler implements ApiHandler {
    private static final short KNOWS_FENCED = 4;
    private static final short KNOWS_ABORTABLE = 5;

    private final ProducerIds ids;
    private final MetaLog metaLog;
    private final Access access;
    private final TxnService transactions;

    public InitProducerIdHandler(KafkaContext context) {
        this.ids = new ProducerIds(context.nodeId(), context.metaLog(), context.sharedLoop());
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
        this.transactions = context.transactions();
    }

    @Override
    public void handle(KafkaRequest request) {
        InitProducerIdRequestData body = request.body(InitProducerIdRequestData.class);
        String transactionalId = body.transactionalId();
        if (transactionalId != null) {
            // What a producer has, it has both of.
            if ((body.producerId() < 0) != (body.producerEpoch() < 0)) {
                request.respond(refused(Errors.INVALID_REQUEST));
                return;
            }
            if (!access.transactionalId(request.principal(), Operation.WRITE, transactionalId)) {
                request.respond(refused(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
                return;
            }
        } else if (!mayProduce(request)) {
            request.respond(refused(Errors.CLUSTER_AUTHORIZATION_FAILED));
            return;
        }
        ids.take(new ProducerIds.Waiter(request.loop(), (error, id) -> {
            if (error != BrokerError.NONE) {
                request.respond(refused(ErrorCodes.of(error)));
            } else if (transactionalId == null) {
                request.respond(
                        new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0));
            } else {
                init(request, body, transactionalId, id);
            }
        }));
    }

    private void init(KafkaRequest request, InitProducerIdRequestData body, String transactionalId, long freshId) {
        TxnAnswer answer = new TxnAnswer(
                request.loop(),
                reply -> request.respond(
                        reply instanceof TxnReply.Producer producer
                                ? new InitProducerIdResponseData()
                                        .setProducerId(producer.producerId())
                                        .setProducerEpoch(producer.producerEpoch())
                                : refused(Errors.UNKNOWN_SERVER_ERROR)),
                error -> request.respond(refused(
                        TxnErrors.of(error, request.version() >= KNOWS_FENCED, request.version() >= KNOWS_ABORTABLE))));
        transactions.submit(
                transactionalId,
                new TxnCommand.InitProducer(
                        answer,
                        transactionalId,
                        body.transactionTimeoutMs(),
                        body.producerId(),
                        body.producerEpoch(),
                        freshId));
    }

    /** As Kafka since 2.8: who may write to any topic needs no right of its own to do so idempotently. */
    private boolean mayProduce(KafkaRequest request) {
        if (access.mightCluster(request.principal(), Operation.IDEMPOTENT_WRITE)
                || access.someTopic(request.principal(), Operation.WRITE)) {
            return true;
        }
        for (TopicImage topic : metaLog.image().topics()) {
            if (access.mightTopic(request.principal(), Operation.WRITE, topic.name())) {
                return true;
            }
        }
        return false;
    }

    private static InitProducerIdResponseData refused(Errors error) {
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(-1)
                .setProducerEpoch((short) -1);
    }
}
