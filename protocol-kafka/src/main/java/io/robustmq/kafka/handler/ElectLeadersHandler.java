package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
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
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Gives partitions their preferred leader, where it is in sync. An unclean election is refused: a partition without a leader
 * has no replica that is sure to have all that was acknowledged.
 */
public final class ElectLeadersHandler implements ApiHandler {
    private static final short TYPED = 1;
    private static final byte PREFERRED = 0;
    private static final byte UNCLEAN = 1;

    private final MetaLog metaLog;
    private final Access access;

    public ElectLeadersHandler(KafkaContext context) {
        this.metaLog = context.innerMeta();
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
        if (body.topicPartitions() == null && refusal != Errors.NONE) {
            request.respond(response);
            return;
        }
        MetaImage image = metaLog.image();
        int parts = 1;
        if (body.topicPartitions() == null) {
            for (TopicImage topic : image.topics()) {
                parts += topic.partitions().size();
            }
        } else {
            for (TopicPartitions asked : body.topicPartitions()) {
                parts += asked.partitions().size();
            }
        }
        Pending pending = new Pending(request.loop(), parts, () -> request.respond(response));
        Election election = new Election(body.electionType(), body.topicPartitions() == null, pending);
        if (body.topicPartitions() == null) {
            image.topics().forEach(topic -> election.all(response, topic));
        } else {
            for (TopicPartitions asked : body.topicPartitions()) {
                ReplicaElectionResult result = new ReplicaElectionResult().setTopic(asked.topic());
                response.replicaElectionResults().add(result);
                for (int index : asked.partitions()) {
                    if (refusal == Errors.NONE) {
                        election.one(result, image.topic(asked.topic()), index);
                    } else {
                        result.partitionResult().add(result(index, refusal));
                        pending.done();
                    }
                }
            }
        }
        pending.done();
    }

    /** What one request asks for; {@code all}: of partitions that need none nothing is told. */
    private final class Election {
        private final byte type;
        private final boolean all;
        private final Pending pending;

        Election(byte type, boolean all, Pending pending) {
            this.type = type;
            this.all = all;
            this.pending = pending;
        }

        /** Those with nothing to tell are named as well. */
        void all(ElectLeadersResponseData response, TopicImage topic) {
            ReplicaElectionResult result = new ReplicaElectionResult().setTopic(topic.name());
            response.replicaElectionResults().add(result);
            topic.partitions().forEach(partition -> one(result, topic, partition.index()));
        }

        void one(ReplicaElectionResult result, @Nullable TopicImage topic, int index) {
            Errors error = outcome(topic, index, type);
            if (error == Errors.NONE && topic != null) {
                pending.track(
                        metaLog.submit(new MetaCommand.ElectPreferred(topic.partition(index))),
                        reply -> result.partitionResult().add(result(index, errorOf(reply))));
                return;
            }
            if (error != Errors.ELECTION_NOT_NEEDED || !all) {
                result.partitionResult().add(result(index, error));
            }
            pending.done();
        }
    }

    private static Errors errorOf(MetaReply reply) {
        if (!(reply instanceof MetaReply.Refused refused)) {
            return Errors.NONE;
        }
        return refused.error() == BrokerError.LEADER_NOT_AVAILABLE
                ? Errors.PREFERRED_LEADER_NOT_AVAILABLE
                : ErrorCodes.of(refused.error());
    }

    /** NONE for what the meta service decides. */
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
        return partition.leader() == partition.replicas().get(0) ? Errors.ELECTION_NOT_NEEDED : Errors.NONE;
    }

    private static PartitionResult result(int index, Errors error) {
        return new PartitionResult()
                .setPartitionId(index)
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }
}
