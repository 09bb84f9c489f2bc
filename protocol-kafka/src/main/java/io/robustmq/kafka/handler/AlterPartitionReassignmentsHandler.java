package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** Moves partitions to other nodes: possible is what changes nothing, anything else is refused with the reason. */
public final class AlterPartitionReassignmentsHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Access access;

    public AlterPartitionReassignmentsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        AlterPartitionReassignmentsRequestData body = request.body(AlterPartitionReassignmentsRequestData.class);
        AlterPartitionReassignmentsResponseData response = new AlterPartitionReassignmentsResponseData()
                .setAllowReplicationFactorChange(body.allowReplicationFactorChange())
                .setErrorMessage(null);
        if (!access.cluster(request.principal(), Operation.ALTER)) {
            request.respond(response.setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code()));
            return;
        }
        MetaImage image = metaLog.image();
        for (ReassignableTopic asked : body.topics()) {
            ReassignableTopicResponse topic = new ReassignableTopicResponse().setName(asked.name());
            for (ReassignablePartition partition : asked.partitions()) {
                topic.partitions().add(move(image, asked.name(), partition, body.allowReplicationFactorChange()));
            }
            response.responses().add(topic);
        }
        request.respond(response);
    }

    private static ReassignablePartitionResponse move(
            MetaImage image, String name, ReassignablePartition asked, boolean mayChangeFactor) {
        ReassignablePartitionResponse answer = new ReassignablePartitionResponse()
                .setPartitionIndex(asked.partitionIndex())
                .setErrorMessage(null);
        TopicImage topic = image.topic(name);
        if (topic == null
                || asked.partitionIndex() < 0
                || asked.partitionIndex() >= topic.partitions().size()) {
            return refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
        }
        List<Integer> replicas = asked.replicas();
        if (replicas == null) {
            return refuse(answer, Errors.NO_REASSIGNMENT_IN_PROGRESS, Errors.NO_REASSIGNMENT_IN_PROGRESS.message());
        }
        List<Integer> present = topic.partitions().get(asked.partitionIndex()).replicas();
        boolean nodes = !replicas.isEmpty()
                && Set.copyOf(replicas).size() == replicas.size()
                && image.nodes().keySet().containsAll(replicas);
        if (!nodes) {
            return refuse(
                    answer, Errors.INVALID_REPLICA_ASSIGNMENT, "The replicas must be different nodes: " + replicas);
        }
        if (!mayChangeFactor && replicas.size() != present.size()) {
            return refuse(
                    answer, Errors.INVALID_REPLICATION_FACTOR, "The replication factor is " + present.size() + ".");
        }
        return replicas.equals(present)
                ? answer
                : refuse(answer, Errors.INVALID_REPLICA_ASSIGNMENT, "Partitions cannot be moved yet.");
    }

    private static ReassignablePartitionResponse refuse(
            ReassignablePartitionResponse answer, Errors error, String message) {
        return answer.setErrorCode(error.code()).setErrorMessage(message);
    }
}
