package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Gives an idempotent producer its id. A transactional one is refused with the error that makes the Java producer fail at
 * once and say why, instead of trying again.
 */
public final class InitProducerIdHandler implements ApiHandler {
    private final ProducerIds ids;
    private final MetaLog metaLog;
    private final Access access;

    public InitProducerIdHandler(KafkaContext context) {
        this.ids = new ProducerIds(context.nodeId(), context.metaLog(), context.sharedLoop());
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        InitProducerIdRequestData body = request.body(InitProducerIdRequestData.class);
        if (body.transactionalId() != null) {
            request.respond(refused(Errors.UNSUPPORTED_VERSION));
            return;
        }
        if (!mayProduce(request)) {
            request.respond(refused(Errors.CLUSTER_AUTHORIZATION_FAILED));
            return;
        }
        ids.take(new ProducerIds.Waiter(request.loop(), (error, id) -> {
            if (error == BrokerError.NONE) {
                request.respond(
                        new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0));
            } else {
                request.respond(refused(ErrorCodes.of(error)));
            }
        }));
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
