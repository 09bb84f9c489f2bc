package io.robustmq.e2e.oracle;

import java.util.List;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Questions about the cluster: its nodes, versions, features, directories, leaders. */
final class ClusterAsks {
    private ClusterAsks() {}

    static void addTo(Asks asks) {
        versions(asks);
        cluster(asks);
        directories(asks);
        leaders(asks);
        features(asks);
    }

    private static void versions(Asks asks) {
        asks.between(ApiKeys.API_VERSIONS, "plain", 3, 5, (w, v) -> versions("oracle", "1.0"));
        asks.between(ApiKeys.API_VERSIONS, "no name", 3, 5, (w, v) -> versions("", ""));
        asks.last(ApiKeys.API_VERSIONS, "bad name", w -> versions("-oracle", "1.0"));
        asks.last(ApiKeys.API_VERSIONS, "bad version", w -> versions("oracle", "1 0"));
        asks.last(ApiKeys.API_VERSIONS, "other cluster", w -> versions("oracle", "1.0")
                .setClusterId("another"));
        asks.last(ApiKeys.API_VERSIONS, "other node", w -> versions("oracle", "1.0")
                .setNodeId(9));
        asks.last(ApiKeys.API_VERSIONS, "node of another cluster", w -> versions("oracle", "1.0")
                .setClusterId("another")
                .setNodeId(1));
        asks.last(ApiKeys.API_VERSIONS, "other node of this cluster", w -> versions("oracle", "1.0")
                .setClusterId(w.clusterId())
                .setNodeId(9));
        asks.last(ApiKeys.API_VERSIONS, "this node of this cluster", w -> versions("oracle", "1.0")
                .setClusterId(w.clusterId())
                .setNodeId(1));
        asks.last(ApiKeys.API_VERSIONS, "this node", w -> versions("oracle", "1.0")
                .setNodeId(1));
    }

    private static void cluster(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_CLUSTER, "plain", (w, v) -> new DescribeClusterRequestData());
        asks.each(ApiKeys.DESCRIBE_CLUSTER, "operations", (w, v) -> new DescribeClusterRequestData()
                .setIncludeClusterAuthorizedOperations(true));
        asks.from(ApiKeys.DESCRIBE_CLUSTER, "controllers", 1, (w, v) -> new DescribeClusterRequestData()
                .setEndpointType((byte) 2));
        asks.from(ApiKeys.DESCRIBE_CLUSTER, "endpoint type 9", 1, (w, v) -> new DescribeClusterRequestData()
                .setEndpointType((byte) 9));
        asks.from(ApiKeys.DESCRIBE_CLUSTER, "fenced", 2, (w, v) -> new DescribeClusterRequestData()
                .setIncludeFencedBrokers(true));
        asks.each(ApiKeys.UNREGISTER_BROKER, "unknown", (w, v) -> new UnregisterBrokerRequestData().setBrokerId(9));
        asks.each(ApiKeys.DESCRIBE_QUORUM, "metadata", (w, v) -> quorum("__cluster_metadata", 0));
        asks.last(ApiKeys.DESCRIBE_QUORUM, "another topic", w -> quorum("three", 0));
        asks.last(ApiKeys.DESCRIBE_QUORUM, "another partition", w -> quorum("__cluster_metadata", 1));
        asks.last(ApiKeys.DESCRIBE_QUORUM, "nothing", w -> new DescribeQuorumRequestData());
    }

    private static void directories(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_LOG_DIRS, "one topic", (w, v) -> directories("three", 0, 1));
        asks.each(ApiKeys.DESCRIBE_LOG_DIRS, "unknown topic", (w, v) -> directories("absent", 0));
        asks.last(ApiKeys.DESCRIBE_LOG_DIRS, "unknown partition", w -> directories("three", 9));
        asks.last(ApiKeys.DESCRIBE_LOG_DIRS, "no topics", w -> new DescribeLogDirsRequestData()
                .setTopics(new DescribeLogDirsRequestData.DescribableLogDirTopicCollection()));
        asks.each(ApiKeys.ALTER_REPLICA_LOG_DIRS, "unknown directory", (w, v) -> move("/no/such/dir", "three", 0));
        asks.each(ApiKeys.ALTER_REPLICA_LOG_DIRS, "unknown topic", (w, v) -> move("/no/such/dir", "absent", 0));
        asks.last(ApiKeys.ALTER_REPLICA_LOG_DIRS, "relative", w -> move("here", "three", 0));
        asks.last(ApiKeys.ALTER_REPLICA_LOG_DIRS, "nothing", w -> new AlterReplicaLogDirsRequestData());
    }

    private static void leaders(Asks asks) {
        asks.each(ApiKeys.ELECT_LEADERS, "one", (w, v) -> elect(0, "three", 0));
        asks.each(ApiKeys.ELECT_LEADERS, "unknown topic", (w, v) -> elect(0, "absent", 0));
        asks.each(ApiKeys.ELECT_LEADERS, "unknown partition", (w, v) -> elect(0, "three", 9));
        asks.from(ApiKeys.ELECT_LEADERS, "unclean", 1, (w, v) -> elect(1, "three", 0));
        asks.from(ApiKeys.ELECT_LEADERS, "type 9", 1, (w, v) -> elect(9, "three", 0));
        asks.from(ApiKeys.ELECT_LEADERS, "all", 1, (w, v) -> new ElectLeadersRequestData().setTopicPartitions(null));
        asks.last(ApiKeys.ELECT_LEADERS, "none", w -> new ElectLeadersRequestData()
                .setTopicPartitions(new ElectLeadersRequestData.TopicPartitionsCollection()));
        asks.each(ApiKeys.LIST_PARTITION_REASSIGNMENTS, "all", (w, v) -> new ListPartitionReassignmentsRequestData());
        asks.each(ApiKeys.LIST_PARTITION_REASSIGNMENTS, "one", (w, v) -> reassignments("three", 0));
        asks.each(ApiKeys.LIST_PARTITION_REASSIGNMENTS, "unknown", (w, v) -> reassignments("absent", 0));
        asks.each(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "as it is", (w, v) -> reassign("three", 0, List.of(1)));
        asks.each(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "cancel", (w, v) -> reassign("three", 0, null));
        asks.each(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "unknown node", (w, v) -> reassign("three", 0, List.of(9)));
        asks.each(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "no node", (w, v) -> reassign("three", 0, List.of()));
        asks.last(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "twice", w -> reassign("three", 0, List.of(1, 1)));
        asks.last(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "negative node", w -> reassign("three", 0, List.of(-1)));
        asks.each(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "unknown topic", (w, v) -> reassign("absent", 0, List.of(1)));
        asks.last(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "unknown partition", w -> reassign("three", 9, List.of(1)));
        asks.last(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "other factor", w -> reassign("three", 0, List.of(1, 9))
                .setAllowReplicationFactorChange(false));
        asks.last(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, "nothing", w -> new AlterPartitionReassignmentsRequestData());
    }

    private static void features(Asks asks) {
        asks.each(ApiKeys.UPDATE_FEATURES, "unknown feature", (w, v) -> update("no.such.feature", 1, 1));
        asks.from(ApiKeys.UPDATE_FEATURES, "too high", 1, (w, v) -> update("metadata.version", 999, 1));
        asks.from(ApiKeys.UPDATE_FEATURES, "too high validated", 1, (w, v) -> update("metadata.version", 999, 1)
                .setValidateOnly(true));
        asks.last(ApiKeys.UPDATE_FEATURES, "upgrade type 9", w -> update("metadata.version", 33, 9));
        asks.last(ApiKeys.UPDATE_FEATURES, "negative", w -> update("metadata.version", -1, 1));
        asks.last(ApiKeys.UPDATE_FEATURES, "down without saying", w -> update("metadata.version", 20, 1));
        asks.last(ApiKeys.UPDATE_FEATURES, "nothing", w -> new UpdateFeaturesRequestData());
    }

    private static ApiVersionsRequestData versions(String name, String version) {
        return new ApiVersionsRequestData().setClientSoftwareName(name).setClientSoftwareVersion(version);
    }

    private static DescribeQuorumRequestData quorum(String topic, int partition) {
        return new DescribeQuorumRequestData()
                .setTopics(List.of(new DescribeQuorumRequestData.TopicData()
                        .setTopicName(topic)
                        .setPartitions(
                                List.of(new DescribeQuorumRequestData.PartitionData().setPartitionIndex(partition)))));
    }

    private static DescribeLogDirsRequestData directories(String topic, Integer... partitions) {
        var request = new DescribeLogDirsRequestData();
        request.topics()
                .add(new DescribeLogDirsRequestData.DescribableLogDirTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(partitions)));
        return request;
    }

    private static AlterReplicaLogDirsRequestData move(String directory, String topic, int partition) {
        var topics = new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopicCollection();
        topics.add(new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic()
                .setName(topic)
                .setPartitions(List.of(partition)));
        var request = new AlterReplicaLogDirsRequestData();
        request.dirs()
                .add(new AlterReplicaLogDirsRequestData.AlterReplicaLogDir()
                        .setPath(directory)
                        .setTopics(topics));
        return request;
    }

    private static ElectLeadersRequestData elect(int type, String topic, int partition) {
        var partitions = new ElectLeadersRequestData.TopicPartitionsCollection();
        partitions.add(
                new ElectLeadersRequestData.TopicPartitions().setTopic(topic).setPartitions(List.of(partition)));
        return new ElectLeadersRequestData().setElectionType((byte) type).setTopicPartitions(partitions);
    }

    private static ListPartitionReassignmentsRequestData reassignments(String topic, int partition) {
        return new ListPartitionReassignmentsRequestData()
                .setTopics(List.of(new ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics()
                        .setName(topic)
                        .setPartitionIndexes(List.of(partition))));
    }

    private static AlterPartitionReassignmentsRequestData reassign(
            String topic, int partition, @Nullable List<Integer> replicas) {
        return new AlterPartitionReassignmentsRequestData()
                .setTopics(List.of(new AlterPartitionReassignmentsRequestData.ReassignableTopic()
                        .setName(topic)
                        .setPartitions(List.of(new AlterPartitionReassignmentsRequestData.ReassignablePartition()
                                .setPartitionIndex(partition)
                                .setReplicas(replicas)))));
    }

    private static UpdateFeaturesRequestData update(String feature, int level, int type) {
        var request = new UpdateFeaturesRequestData();
        var key = new UpdateFeaturesRequestData.FeatureUpdateKey()
                .setFeature(feature)
                .setMaxVersionLevel((short) level);
        request.featureUpdates().add(type == 1 ? key : key.setUpgradeType((byte) type));
        return request;
    }
}
