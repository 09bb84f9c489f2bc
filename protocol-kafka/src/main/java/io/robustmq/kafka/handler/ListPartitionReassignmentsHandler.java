package io.robustmq.kafka.handler;

import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Set;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The partitions that are on their way to other nodes. */
public final class ListPartitionReassignmentsHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Access access;

    public ListPartitionReassignmentsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        ListPartitionReassignmentsRequestData body = request.body(ListPartitionReassignmentsRequestData.class);
        ListPartitionReassignmentsResponseData response =
                new ListPartitionReassignmentsResponseData().setErrorMessage(null);
        if (!access.cluster(request.principal(), Operation.DESCRIBE)) {
            Errors refused = Errors.CLUSTER_AUTHORIZATION_FAILED;
            request.respond(response.setErrorCode(refused.code()).setErrorMessage(refused.message()));
            return;
        }
        if (body.topics() == null) {
            metaLog.image().topics().forEach(topic -> add(response, topic, null));
        } else {
            for (ListPartitionReassignmentsTopics asked : body.topics()) {
                TopicImage topic = metaLog.image().topic(asked.name());
                if (topic != null) {
                    add(response, topic, Set.copyOf(asked.partitionIndexes()));
                }
            }
        }
        request.respond(response);
    }

    /** {@code wanted} null for all. */
    private static void add(
            ListPartitionReassignmentsResponseData response, TopicImage topic, @Nullable Set<Integer> wanted) {
        OngoingTopicReassignment moving = new OngoingTopicReassignment().setName(topic.name());
        for (PartitionImage partition : topic.partitions()) {
            if (partition.isMoving() && (wanted == null || wanted.contains(partition.index()))) {
                moving.partitions()
                        .add(new OngoingPartitionReassignment()
                                .setPartitionIndex(partition.index())
                                .setReplicas(partition.replicas())
                                .setAddingReplicas(partition.adding())
                                .setRemovingReplicas(partition.removing()));
            }
        }
        if (!moving.partitions().isEmpty()) {
            response.topics().add(moving);
        }
    }
}
