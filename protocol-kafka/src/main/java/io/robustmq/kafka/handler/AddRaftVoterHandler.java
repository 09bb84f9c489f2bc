package io.robustmq.kafka.handler;

import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Lets a node that follows the metadata vote on it (KIP-853). */
public final class AddRaftVoterHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final MetaQuorum quorum;
    private final Access access;

    public AddRaftVoterHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.quorum = context.quorum();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        AddRaftVoterRequestData body = request.body(AddRaftVoterRequestData.class);
        AddRaftVoterResponseData response = new AddRaftVoterResponseData();
        Raft.Refusal refusal = refusal(request, body);
        if (refusal != null) {
            request.respond(response.setErrorCode(refusal.error().code()).setErrorMessage(refusal.message()));
            return;
        }
        new Pending(request.loop(), 1, () -> request.respond(response))
                .track(quorum.change(new QuorumChange(QuorumChange.Kind.ADD_VOTER, body.voterId())), reply -> {
                    Raft.Refusal outcome = Raft.outcome(reply);
                    response.setErrorCode(outcome.error().code()).setErrorMessage(outcome.message());
                });
    }

    private Raft.@Nullable Refusal refusal(KafkaRequest request, AddRaftVoterRequestData body) {
        if (!access.cluster(request.principal(), Operation.ALTER)) {
            return Raft.refusal(Errors.CLUSTER_AUTHORIZATION_FAILED);
        }
        if (!Raft.isThisCluster(body.clusterId(), metaLog.image())) {
            return Raft.refusal(Errors.INCONSISTENT_CLUSTER_ID);
        }
        if (!Raft.isDirectory(body.voterDirectoryId())) {
            return new Raft.Refusal(Errors.INVALID_REQUEST, Raft.NO_DIRECTORIES);
        }
        if (quorum.quorum().voters().containsKey(body.voterId())) {
            return new Raft.Refusal(Errors.DUPLICATE_VOTER, "Node " + body.voterId() + " is a voter already.");
        }
        NodeImage node = metaLog.image().nodes().get(body.voterId());
        if (node == null) {
            return new Raft.Refusal(
                    Errors.INVALID_REQUEST, "Node " + body.voterId() + " is not registered; start it first.");
        }
        String endpoint = node.endpoints().getOrDefault(Raft.ENDPOINT, "");
        boolean known = body.listeners().stream()
                .anyMatch(listener -> endpoint.equals(listener.host() + ":" + listener.port()));
        return known
                ? null
                : new Raft.Refusal(
                        Errors.INVALID_REQUEST,
                        "Node " + body.voterId() + " has its metadata log at " + endpoint + ".");
    }
}
