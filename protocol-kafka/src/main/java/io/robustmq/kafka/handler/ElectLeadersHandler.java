package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Gives partitions their preferred leader, which they have: who leads is the meta service's decision, made at once when it
 * can be. So the answer is why nothing changes.
 */
public final class ElectLeadersHandler implements ApiHandler {
    private static final short TYPED = 1;
    private static final byte PREFERRED = 0;
    private static final byte UNCLEAN = 1;

    private final MetaLog metaLog;
    private final Access access;

    public ElectLeadersHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        ElectLeadersRequestData body = request.body(ElectLeadersRequestData.class);
        ElectLeadersResponseData response = new ElectLeadersResponseData();
        boolean known = body.electionType() == PREFERRED || body.electionType() == UNCLEAN;
        Errors refusal = !access.cluster(request.principal(), Operation.ALTER)
                ? Errors.CLUSTER_AUTHORIZATION_FAILED
                : known ? Errors.NONE : Errors.INVALID_REQUEST;
        if (request.version() >= TYPED) {
            response.setErrorCode(refusal.code());
        }
        MetaImage image = metaLog.image();
        if (body.topicPartitions() == null) {
            // All that need an election: which are those without a leader, and they have no candidate.
            if (refusal == Errors.NONE) {
                image.topics().forEach(topic -> addLeaderless(response, topic, body.electionType()));
            }
        } else {
            for (TopicPartitions asked : body.topicPartitions()) {
                ReplicaElectionResult result = new ReplicaElectionResult().setTopic(asked.topic());
                for (int index : asked.partitions()) {
                    Errors error = refusal == Errors.NONE
                            ? outcome(image.topic(asked.topic()), index, body.electionType())
                            : refusal;
                    result.partitionResult().add(result(index, error));
                }
                response.replicaElectionResults().add(result);
            }
        }
        request.respond(response);
    }

    private static void addLeaderless(ElectLeadersResponseData response, TopicImage topic, byte type) {
        ReplicaElectionResult result = new ReplicaElectionResult().setTopic(topic.name());
        for (PartitionImage partition : topic.partitions()) {
            Errors error = outcome(topic, partition.index(), type);
            if (error != Errors.ELECTION_NOT_NEEDED) {
                result.partitionResult().add(result(partition.index(), error));
            }
        }
        // Those with nothing to tell are named as well.
        response.replicaElectionResults().add(result);
    }

    private static Errors outcome(@Nullable TopicImage topic, int index, byte type) {
        if (topic == null || index < 0 || index >= topic.partitions().size()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        PartitionImage partition = topic.partitions().get(index);
        if (type == UNCLEAN) {
            return partition.leader() == PartitionImage.NO_LEADER
                    ? Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE
                    : Errors.ELECTION_NOT_NEEDED;
        }
        return partition.leader() == partition.replicas().get(0)
                ? Errors.ELECTION_NOT_NEEDED
                : Errors.PREFERRED_LEADER_NOT_AVAILABLE;
    }

    private static PartitionResult result(int index, Errors error) {
        return new PartitionResult()
                .setPartitionId(index)
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }
}
