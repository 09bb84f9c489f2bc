package io.robustmq.kafka.handler;

import io.robustmq.kafka.server.ApiTable;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs of this package, with the versions that are served. */
public final class KafkaApis {
    private KafkaApis() {}

    public static ApiTable.Builder addTo(ApiTable.Builder table, KafkaContext context) {
        return table
                // librdkafka wants to see 0, as real brokers do; nobody sends less than 3.
                .add(ApiKeys.PRODUCE, 0, 3, 13, new ProduceHandler(context))
                .add(ApiKeys.FETCH, 4, 18, new FetchHandler(context))
                .add(ApiKeys.LIST_OFFSETS, 1, 11, new ListOffsetsHandler(context))
                .add(ApiKeys.METADATA, 0, 13, new MetadataHandler(context))
                .add(ApiKeys.OFFSET_FOR_LEADER_EPOCH, 2, 4, new OffsetForLeaderEpochHandler(context))
                .add(ApiKeys.INIT_PRODUCER_ID, 0, 5, new InitProducerIdHandler(context))
                .add(ApiKeys.CREATE_TOPICS, 2, 7, new CreateTopicsHandler(context))
                .add(ApiKeys.DELETE_TOPICS, 1, 6, new DeleteTopicsHandler(context))
                .add(ApiKeys.CREATE_PARTITIONS, 0, 3, new CreatePartitionsHandler(context))
                .add(ApiKeys.DELETE_RECORDS, 0, 2, new DeleteRecordsHandler(context))
                .add(ApiKeys.DESCRIBE_CONFIGS, 1, 4, new DescribeConfigsHandler(context))
                .add(ApiKeys.ALTER_CONFIGS, 0, 2, new AlterConfigsHandler(context))
                .add(ApiKeys.INCREMENTAL_ALTER_CONFIGS, 0, 1, new IncrementalAlterConfigsHandler(context))
                .add(ApiKeys.DESCRIBE_CLUSTER, 0, 2, new DescribeClusterHandler(context))
                .add(ApiKeys.DESCRIBE_LOG_DIRS, 1, 5, new DescribeLogDirsHandler(context))
                .add(ApiKeys.ALTER_REPLICA_LOG_DIRS, 1, 2, new AlterReplicaLogDirsHandler(context))
                .add(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, 0, 0, new DescribeTopicPartitionsHandler(context))
                .add(ApiKeys.LIST_CONFIG_RESOURCES, 0, 1, new ListConfigResourcesHandler(context))
                .add(ApiKeys.ELECT_LEADERS, 0, 2, new ElectLeadersHandler(context))
                .add(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, 0, 1, new AlterPartitionReassignmentsHandler(context))
                .add(ApiKeys.LIST_PARTITION_REASSIGNMENTS, 0, 0, new ListPartitionReassignmentsHandler(context))
                .add(ApiKeys.DESCRIBE_QUORUM, 0, 2, new DescribeQuorumHandler(context))
                .add(ApiKeys.ADD_RAFT_VOTER, 0, 1, new AddRaftVoterHandler(context))
                .add(ApiKeys.REMOVE_RAFT_VOTER, 0, 0, new RemoveRaftVoterHandler(context))
                .add(ApiKeys.UPDATE_FEATURES, 0, 2, new UpdateFeaturesHandler(context))
                .add(ApiKeys.UNREGISTER_BROKER, 0, 0, new UnregisterBrokerHandler(context))
                .add(ApiKeys.DESCRIBE_CLIENT_QUOTAS, 0, 1, new DescribeClientQuotasHandler(context))
                .add(ApiKeys.ALTER_CLIENT_QUOTAS, 0, 1, new AlterClientQuotasHandler(context));
    }
}
