package io.robustmq.kafka.group;

import io.robustmq.core.model.TopicName;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.handler.Brokers.HostPort;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;

/** Says which node leads a group, a transaction, or what a group shares: the leader of the partition it hashes to. */
final class FindCoordinatorHandler implements ApiHandler {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;
    private static final byte SHARE = 2;
    private static final int FIRST_BATCHED_VERSION = 4;
    private static final int FIRST_WITH_SHARE = 6;
    /** Group, topic id, partition. */
    private static final Pattern SHARED = Pattern.compile(".+:[A-Za-z0-9_-]{22}:[0-9]+");

    private final GroupCalls calls;

    FindCoordinatorHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        FindCoordinatorRequestData body = request.body(FindCoordinatorRequestData.class);
        if (body.keyType() == GROUP) {
            answerWith(request, body, calls.service().ensureTopic(), key -> findGroup(request, key));
        } else if (body.keyType() == TRANSACTION) {
            answerWith(request, body, calls.transactions().ensureTopic(), key -> findTransaction(request, key));
        } else if (body.keyType() == SHARE && request.version() >= FIRST_WITH_SHARE) {
            answerWith(request, body, calls.shares().ensureTopic(), key -> findShared(request, key));
        } else {
            answer(request, body, key -> refused(key, Errors.INVALID_REQUEST));
        }
    }

    private static void answerWith(
            KafkaRequest request, FindCoordinatorRequestData body, CompletableFuture<Integer> topic, Finder finder) {
        CompletableFuture<Integer> unused =
                topic.whenComplete((partitions, failure) -> request.loop().run(() -> answer(request, body, finder)));
    }

    /** How one key is answered. */
    @FunctionalInterface
    private interface Finder {
        Coordinator find(String key);
    }

    private static void answer(KafkaRequest request, FindCoordinatorRequestData body, Finder finder) {
        FindCoordinatorResponseData response = new FindCoordinatorResponseData();
        if (request.version() >= FIRST_BATCHED_VERSION) {
            List<Coordinator> found = new ArrayList<>(body.coordinatorKeys().size());
            body.coordinatorKeys().forEach(key -> found.add(finder.find(key)));
            response.setCoordinators(found);
        } else {
            Coordinator found = finder.find(body.key());
            response.setErrorCode(found.errorCode())
                    .setErrorMessage(found.errorMessage())
                    .setNodeId(found.nodeId())
                    .setHost(found.host())
                    .setPort(found.port());
        }
        request.respond(response);
    }

    private Coordinator findGroup(KafkaRequest request, String groupId) {
        if (!calls.allowsGroup(request, Operation.DESCRIBE, groupId)) {
            return refused(groupId, Errors.GROUP_AUTHORIZATION_FAILED);
        }
        return find(
                request,
                groupId,
                leader(TopicName.CONSUMER_OFFSETS, calls.service().partitionOf(groupId)));
    }

    private Coordinator findTransaction(KafkaRequest request, String transactionalId) {
        if (!calls.allowsTransactionalId(request, Operation.DESCRIBE, transactionalId)) {
            return refused(transactionalId, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        }
        return find(
                request,
                transactionalId,
                leader(TopicName.TRANSACTION_STATE, calls.transactions().partitionOf(transactionalId)));
    }

    /** For brokers among themselves: no client asks. */
    private Coordinator findShared(KafkaRequest request, String key) {
        if (!calls.allowsCluster(request, Operation.CLUSTER_ACTION)) {
            return refused(key, Errors.CLUSTER_AUTHORIZATION_FAILED);
        }
        if (!SHARED.matcher(key).matches()) {
            return refused(key, Errors.INVALID_REQUEST);
        }
        return find(
                request, key, leader(TopicName.SHARE_GROUP_STATE, calls.shares().partitionOf(key)));
    }

    private Coordinator find(KafkaRequest request, String key, int nodeId) {
        HostPort address = calls.brokers().alive(calls.image(), nodeId, request.localAddress());
        if (address == null) {
            return refused(key, Errors.COORDINATOR_NOT_AVAILABLE);
        }
        return new Coordinator()
                .setKey(key)
                .setErrorMessage("")
                .setNodeId(nodeId)
                .setHost(address.host())
                .setPort(address.port());
    }

    private int leader(String internalTopic, int index) {
        return calls.image().leaderOf(internalTopic, index);
    }

    private static Coordinator refused(String key, Errors error) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setErrorMessage(error.message())
                .setNodeId(-1)
                .setHost("")
                .setPort(-1);
    }
}
