package io.robustmq.kafka.handler;

import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Takes a voter of the metadata its vote (KIP-853); it goes on following. */
public final class RemoveRaftVoterHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final MetaQuorum quorum;
    private final Access access;

    public RemoveRaftVoterHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.quorum = context.quorum();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        RemoveRaftVoterRequestData body = request.body(RemoveRaftVoterRequestData.class);
        RemoveRaftVoterResponseData response = new RemoveRaftVoterResponseData();
        Raft.Refusal refusal = refusal(request, body);
        if (refusal != null) {
            request.respond(response.setErrorCode(refusal.error().code()).setErrorMessage(refusal.message()));
            return;
        }
        new Pending(request.loop(), 1, () -> request.respond(response))
                .track(quorum.change(new QuorumChange(QuorumChange.Kind.REMOVE_VOTER, body.voterId())), reply -> {
                    Raft.Refusal outcome = Raft.outcome(reply);
                    response.setErrorCode(outcome.error().code()).setErrorMessage(outcome.message());
                });
    }

    private Raft.@Nullable Refusal refusal(KafkaRequest request, RemoveRaftVoterRequestData body) {
        if (!access.cluster(request.principal(), Operation.ALTER)) {
            return Raft.refusal(Errors.CLUSTER_AUTHORIZATION_FAILED);
        }
        if (!Raft.isThisCluster(body.clusterId(), metaLog.image())) {
            return Raft.refusal(Errors.INCONSISTENT_CLUSTER_ID);
        }
        boolean known = Raft.isDirectory(body.voterDirectoryId())
                && quorum.quorum().voters().containsKey(body.voterId());
        return known ? null : new Raft.Refusal(Errors.VOTER_NOT_FOUND, "Node " + body.voterId() + " is no voter.");
    }
}
