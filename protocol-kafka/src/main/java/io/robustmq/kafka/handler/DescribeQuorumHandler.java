package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.message.DescribeQuorumResponseData.TopicData;
import org.apache.kafka.common.protocol.Errors;

/** The voters of the metadata log, under the name that Kafka gives it. */
public final class DescribeQuorumHandler implements ApiHandler {
    private static final short TIMES = 1;
    private static final short NODES = 2;
    private static final String TOPIC = "__cluster_metadata";

    private final MetaLog metaLog;
    private final MetaQuorum quorum;
    private final Access access;

    public DescribeQuorumHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.quorum = context.quorum();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeQuorumRequestData body = request.body(DescribeQuorumRequestData.class);
        DescribeQuorumResponseData response = new DescribeQuorumResponseData();
        if (!access.cluster(request.principal(), Operation.DESCRIBE)) {
            Errors error = Errors.CLUSTER_AUTHORIZATION_FAILED;
            request.respond(response.setErrorCode(error.code()).setErrorMessage(error.message()));
            return;
        }
        MetaImage image = metaLog.image();
        boolean metadata = body.topics().size() == 1
                && body.topics().get(0).topicName().equals(TOPIC)
                && body.topics().get(0).partitions().size() == 1
                && body.topics().get(0).partitions().get(0).partitionIndex() == 0;
        for (DescribeQuorumRequestData.TopicData asked : body.topics()) {
            TopicData topic = new TopicData().setTopicName(asked.topicName());
            for (DescribeQuorumRequestData.PartitionData partition : asked.partitions()) {
                topic.partitions()
                        .add(
                                metadata
                                        ? describe(
                                                image,
                                                quorum.quorum(),
                                                request.version(),
                                                request.loop().nowMs())
                                        : unknown(partition.partitionIndex()));
            }
            response.topics().add(topic);
        }
        if (metadata && request.version() >= NODES) {
            addNodes(response, image, request);
        }
        request.respond(response);
    }

    private static PartitionData unknown(int index) {
        return new PartitionData()
                .setPartitionIndex(index)
                .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())
                .setErrorMessage(Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
    }

    private static PartitionData describe(MetaImage image, QuorumImage quorum, short version, long nowMs) {
        return new PartitionData()
                .setPartitionIndex(0)
                .setLeaderId(image.leaderNode())
                .setLeaderEpoch((int) quorum.term())
                .setHighWatermark(image.index())
                .setCurrentVoters(states(quorum.voters().keySet(), image, quorum, version, nowMs))
                .setObservers(states(quorum.observers().keySet(), image, quorum, version, nowMs));
    }

    private static List<ReplicaState> states(
            Set<Integer> nodes, MetaImage image, QuorumImage quorum, short version, long nowMs) {
        List<ReplicaState> states = new ArrayList<>();
        for (int node : new TreeSet<>(nodes)) {
            boolean leads = node == image.leaderNode();
            long end = leads
                    ? image.index()
                    : Math.min(image.index(), quorum.committed().getOrDefault(node, -1L));
            ReplicaState state = new ReplicaState().setReplicaId(node).setLogEndOffset(end);
            if (version >= TIMES && leads) {
                // Who leads has everything, always.
                state.setLastFetchTimestamp(nowMs).setLastCaughtUpTimestamp(nowMs);
            }
            if (version >= NODES) {
                state.setReplicaDirectoryId(Uuid.ZERO_UUID);
            }
            states.add(state);
        }
        return states;
    }

    private static void addNodes(DescribeQuorumResponseData response, MetaImage image, KafkaRequest request) {
        for (NodeImage node : image.nodes().values()) {
            DescribeQuorumResponseData.Node described = new DescribeQuorumResponseData.Node().setNodeId(node.id());
            String endpoint = node.endpoints().getOrDefault(Raft.ENDPOINT, "");
            int colon = endpoint.lastIndexOf(':');
            if (colon >= 0) {
                String host = endpoint.substring(0, colon);
                described
                        .listeners()
                        .add(new DescribeQuorumResponseData.Listener()
                                .setName("CONTROLLER")
                                .setHost(host.isEmpty() ? request.localAddress().getHostString() : host)
                                .setPort(Integer.parseInt(endpoint.substring(colon + 1))));
            }
            response.nodes().add(described);
        }
    }
}
