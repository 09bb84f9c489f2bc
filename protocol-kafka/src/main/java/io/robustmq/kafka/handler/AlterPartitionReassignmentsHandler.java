package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
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

/** Moves partitions to other nodes, or gives such a move up. */
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
        int parts = 1;
        for (ReassignableTopic asked : body.topics()) {
            parts += asked.partitions().size();
        }
        Pending pending = new Pending(request.loop(), parts, () -> request.respond(response));
        for (ReassignableTopic asked : body.topics()) {
            ReassignableTopicResponse topic = new ReassignableTopicResponse().setName(asked.name());
            response.responses().add(topic);
            for (ReassignablePartition partition : asked.partitions()) {
                ReassignablePartitionResponse answer = new ReassignablePartitionResponse()
                        .setPartitionIndex(partition.partitionIndex())
                        .setErrorMessage(null);
                topic.partitions().add(answer);
                move(answer, asked.name(), partition, body.allowReplicationFactorChange(), pending);
            }
        }
        pending.done();
    }

    private void move(
            ReassignablePartitionResponse answer,
            String name,
            ReassignablePartition asked,
            boolean mayChangeFactor,
            Pending pending) {
        MetaImage image = metaLog.image();
        TopicImage topic = image.topic(name);
        if (topic == null
                || asked.partitionIndex() < 0
                || asked.partitionIndex() >= topic.partitions().size()) {
            refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
            pending.done();
            return;
        }
        PartitionImage present = topic.partitions().get(asked.partitionIndex());
        List<Integer> replicas = asked.replicas();
        boolean allowed = replicas == null
                ? mayCancel(answer, present)
                : mayMove(answer, image, present, replicas, mayChangeFactor);
        boolean there = !present.isMoving() && present.replicas().equals(replicas);
        if (allowed && !there) {
            List<Integer> target = replicas == null ? List.of() : replicas;
            MetaCommand command = new MetaCommand.MovePartition(topic.partition(asked.partitionIndex()), target);
            pending.track(metaLog.submit(command), reply -> {
                if (reply instanceof MetaReply.Refused refused) {
                    refuse(answer, ErrorCodes.of(refused.error()), refused.message());
                }
            });
        } else {
            pending.done();
        }
    }

    private static boolean mayCancel(ReassignablePartitionResponse answer, PartitionImage present) {
        if (!present.isMoving()) {
            refuse(answer, Errors.NO_REASSIGNMENT_IN_PROGRESS, Errors.NO_REASSIGNMENT_IN_PROGRESS.message());
        }
        return present.isMoving();
    }

    private static boolean mayMove(
            ReassignablePartitionResponse answer,
            MetaImage image,
            PartitionImage present,
            List<Integer> replicas,
            boolean mayChangeFactor) {
        boolean nodes = !replicas.isEmpty()
                && Set.copyOf(replicas).size() == replicas.size()
                && image.nodes().keySet().containsAll(replicas);
        int factor = present.replicas().size() - present.adding().size();
        if (!nodes) {
            refuse(answer, Errors.INVALID_REPLICA_ASSIGNMENT, "The replicas must be different nodes: " + replicas);
        } else if (!mayChangeFactor && replicas.size() != factor) {
            refuse(answer, Errors.INVALID_REPLICATION_FACTOR, "The replication factor is " + factor + ".");
            return false;
        }
        return nodes;
    }

    private static void refuse(ReassignablePartitionResponse answer, Errors error, String message) {
        answer.setErrorCode(error.code()).setErrorMessage(message);
    }
}
