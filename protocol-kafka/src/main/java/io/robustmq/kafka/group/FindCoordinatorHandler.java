package io.robustmq.kafka.group;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.handler.Brokers.HostPort;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;

/** Says which node leads a group: the leader of the partition that the group's id hashes to. */
final class FindCoordinatorHandler implements ApiHandler {
    private static final byte GROUP = 0;
    private static final int FIRST_BATCHED_VERSION = 4;

    private final GroupCalls calls;

    FindCoordinatorHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        FindCoordinatorRequestData body = request.body(FindCoordinatorRequestData.class);
        if (body.keyType() != GROUP) {
            // No client waits for what will not come: transactions and share groups are not served.
            answer(request, body, key -> refused(key, Errors.INVALID_REQUEST));
            return;
        }
        CompletableFuture<Integer> unused = calls.service()
                .ensureTopic()
                .whenComplete((partitions, failure) ->
                        request.loop().run(() -> answer(request, body, key -> find(request, key))));
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

    private Coordinator find(KafkaRequest request, String groupId) {
        if (!calls.allowsGroup(request, Operation.DESCRIBE, groupId)) {
            return refused(groupId, Errors.GROUP_AUTHORIZATION_FAILED);
        }
        int nodeId = leader(calls.image(), calls.service().partitionOf(groupId));
        HostPort address = calls.brokers().alive(calls.image(), nodeId, request.localAddress());
        if (address == null) {
            return refused(groupId, Errors.COORDINATOR_NOT_AVAILABLE);
        }
        return new Coordinator()
                .setKey(groupId)
                .setErrorMessage("")
                .setNodeId(nodeId)
                .setHost(address.host())
                .setPort(address.port());
    }

    private static int leader(MetaImage image, int index) {
        TopicImage topic = image.topic(TopicName.CONSUMER_OFFSETS);
        return topic == null || index < 0 || index >= topic.partitions().size()
                ? PartitionImage.NO_LEADER
                : topic.partitions().get(index).leader();
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
