package io.robustmq.kafka.handler;

import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.protocol.Errors;

/** The partitions that are on their way to other nodes: none ever are. */
public final class ListPartitionReassignmentsHandler implements ApiHandler {
    private final Access access;

    public ListPartitionReassignmentsHandler(KafkaContext context) {
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        boolean allowed = access.cluster(request.principal(), Operation.DESCRIBE);
        Errors error = allowed ? Errors.NONE : Errors.CLUSTER_AUTHORIZATION_FAILED;
        request.respond(new ListPartitionReassignmentsResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(allowed ? null : error.message()));
    }
}
