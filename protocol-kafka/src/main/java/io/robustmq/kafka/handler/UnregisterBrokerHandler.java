package io.robustmq.kafka.handler;

import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Forgets a node that is gone for good, and has no replicas. */
public final class UnregisterBrokerHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final MetaQuorum quorum;
    private final Access access;

    public UnregisterBrokerHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.quorum = context.quorum();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        int node = request.body(UnregisterBrokerRequestData.class).brokerId();
        UnregisterBrokerResponseData response = new UnregisterBrokerResponseData();
        if (!access.cluster(request.principal(), Operation.ALTER)) {
            Errors error = Errors.CLUSTER_AUTHORIZATION_FAILED;
            request.respond(response.setErrorCode(error.code()).setErrorMessage(error.message()));
        } else if (metaLog.image().nodes().containsKey(node)) {
            new Pending(request.loop(), 1, () -> request.respond(response))
                    .track(quorum.removeNode(node, false), reply -> {
                        Raft.Refusal outcome = Raft.outcome(reply);
                        response.setErrorCode(outcome.error().code()).setErrorMessage(outcome.message());
                    });
        } else {
            request.respond(response.setErrorCode(Errors.BROKER_ID_NOT_REGISTERED.code())
                    .setErrorMessage("Node " + node + " is not registered."));
        }
    }
}
