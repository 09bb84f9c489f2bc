package io.robustmq.kafka.server;

import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Requests about one topic, in every version of every API that the broker serves. */
public final class Requests {
    private final String topic;
    private final Uuid topicId;

    public Requests(String topic, Uuid topicId) {
        this.topic = topic;
        this.topicId = topicId;
    }

    public static MemoryRecords records(String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(1_000 + i, values[i].getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    public ApiMessage of(ApiKeys api, int version) {
        return switch (api) {
            case PRODUCE -> produce(version, 0, records("v"));
            case FETCH -> fetch(version, 0, 0);
            case LIST_OFFSETS -> listOffsets(version, 0, -1);
            case METADATA -> metadata(version);
            case API_VERSIONS ->
                new ApiVersionsRequestData().setClientSoftwareName("wire").setClientSoftwareVersion("1.0");
            case OFFSET_FOR_LEADER_EPOCH -> offsetForLeaderEpoch();
            case INIT_PRODUCER_ID -> new InitProducerIdRequestData().setTransactionalId(null);
            case CREATE_TOPICS -> createTopics(version);
            case DELETE_TOPICS -> deleteTopics(version);
            case CREATE_PARTITIONS -> createPartitions();
            case DELETE_RECORDS -> deleteRecords();
            case DESCRIBE_CONFIGS -> describeConfigs(version);
            case ALTER_CONFIGS -> alterConfigs();
            case INCREMENTAL_ALTER_CONFIGS -> incrementalAlterConfigs();
            case DESCRIBE_CLUSTER -> new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true);
            case DESCRIBE_LOG_DIRS -> new DescribeLogDirsRequestData().setTopics(null);
            case ADD_PARTITIONS_TO_TXN ->
                new AddPartitionsToTxnRequestData()
                        .setV3AndBelowTransactionalId("t")
                        .setV3AndBelowTopics(addedTopics());
            case ADD_OFFSETS_TO_TXN ->
                new AddOffsetsToTxnRequestData().setTransactionalId("t").setGroupId("g");
            case END_TXN -> new EndTxnRequestData().setTransactionalId("t");
            case WRITE_TXN_MARKERS -> writeTxnMarkers();
            case DESCRIBE_PRODUCERS -> describeProducers();
            case DESCRIBE_TRANSACTIONS -> new DescribeTransactionsRequestData().setTransactionalIds(List.of("t"));
            case LIST_TRANSACTIONS -> new ListTransactionsRequestData().setStateFilters(List.of("Ongoing", "other"));
            case SASL_HANDSHAKE,
                    SASL_AUTHENTICATE,
                    DESCRIBE_ACLS,
                    CREATE_ACLS,
                    DELETE_ACLS,
                    DESCRIBE_USER_SCRAM_CREDENTIALS,
                    ALTER_USER_SCRAM_CREDENTIALS,
                    CREATE_DELEGATION_TOKEN,
                    RENEW_DELEGATION_TOKEN,
                    EXPIRE_DELEGATION_TOKEN,
                    DESCRIBE_DELEGATION_TOKEN -> api.messageType.newRequest();
            case ALTER_REPLICA_LOG_DIRS,
                    DESCRIBE_TOPIC_PARTITIONS,
                    LIST_CONFIG_RESOURCES,
                    ELECT_LEADERS,
                    ALTER_PARTITION_REASSIGNMENTS,
                    LIST_PARTITION_REASSIGNMENTS,
                    DESCRIBE_QUORUM,
                    UPDATE_FEATURES,
                    DESCRIBE_CLIENT_QUOTAS,
                    ALTER_CLIENT_QUOTAS,
                    GET_TELEMETRY_SUBSCRIPTIONS,
                    PUSH_TELEMETRY,
                    ADD_RAFT_VOTER,
                    REMOVE_RAFT_VOTER,
                    UNREGISTER_BROKER -> api.messageType.newRequest();
            default -> throw new AssertionError("no request for " + api);
        };
    }

    private AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection addedTopics() {
        var topics = new AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic()
                .setName(topic)
                .setPartitions(List.of(0)));
        return topics;
    }

    private WriteTxnMarkersRequestData writeTxnMarkers() {
        return new WriteTxnMarkersRequestData()
                .setMarkers(List.of(new WriteTxnMarkersRequestData.WritableTxnMarker()
                        .setProducerId(1)
                        .setTopics(List.of(new WriteTxnMarkersRequestData.WritableTxnMarkerTopic()
                                .setName(topic)
                                .setPartitionIndexes(List.of(0))))));
    }

    private DescribeProducersRequestData describeProducers() {
        DescribeProducersRequestData request = new DescribeProducersRequestData();
        request.topics()
                .add(new DescribeProducersRequestData.TopicRequest()
                        .setName(topic)
                        .setPartitionIndexes(List.of(0)));
        return request;
    }

    public ProduceRequestData produce(int version, int partition, MemoryRecords records) {
        ProduceRequestData.TopicProduceData data = new ProduceRequestData.TopicProduceData()
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setIndex(partition)
                        .setRecords(records)));
        if (version >= 13) {
            data.setTopicId(topicId);
        } else {
            data.setName(topic);
        }
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1_000);
        request.topicData().add(data);
        return request;
    }

    byte[] produceFrame(int version) {
        return WireClient.frame(ApiKeys.PRODUCE, version, 1, produce(version, 0, records("v")));
    }

    public FetchRequestData fetch(int version, long offset, int maxWaitMs, int... partitions) {
        FetchRequestData.FetchTopic fetched = new FetchRequestData.FetchTopic();
        if (version >= 13) {
            fetched.setTopicId(topicId);
        } else {
            fetched.setTopic(topic);
        }
        for (int partition : partitions.length == 0 ? new int[] {0} : partitions) {
            fetched.partitions()
                    .add(new FetchRequestData.FetchPartition()
                            .setPartition(partition)
                            .setFetchOffset(offset)
                            .setPartitionMaxBytes(1 << 20));
        }
        FetchRequestData request =
                new FetchRequestData().setMinBytes(1).setMaxWaitMs(maxWaitMs).setMaxBytes(1 << 20);
        request.topics().add(fetched);
        return request;
    }

    public ListOffsetsRequestData listOffsets(int version, int partition, long timestamp) {
        ListOffsetsRequestData request = new ListOffsetsRequestData().setReplicaId(-1);
        request.topics()
                .add(new ListOffsetsRequestData.ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsRequestData.ListOffsetsPartition()
                                .setPartitionIndex(partition)
                                .setTimestamp(timestamp))));
        return request;
    }

    private MetadataRequestData metadata(int version) {
        MetadataRequestData request = new MetadataRequestData();
        request.topics().add(new MetadataRequestData.MetadataRequestTopic().setName(topic));
        if (version >= 10) {
            // By id and nothing else is possible from version 12 on; before, the id is ignored.
            request.topics().add(new MetadataRequestData.MetadataRequestTopic().setName("absent"));
        }
        if (version >= 12) {
            request.topics()
                    .add(new MetadataRequestData.MetadataRequestTopic()
                            .setName(null)
                            .setTopicId(topicId));
        }
        if (version >= 8) {
            request.setIncludeTopicAuthorizedOperations(true);
            request.setIncludeClusterAuthorizedOperations(version <= 10);
        }
        return request;
    }

    private OffsetForLeaderEpochRequestData offsetForLeaderEpoch() {
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
        request.topics()
                .add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition()
                                .setPartition(0)
                                .setLeaderEpoch(0))));
        return request;
    }

    private CreateTopicsRequestData createTopics(int version) {
        CreateTopicsRequestData request = new CreateTopicsRequestData();
        request.topics()
                .add(new CreateTopicsRequestData.CreatableTopic()
                        .setName(topic)
                        .setNumPartitions(1)
                        .setReplicationFactor((short) 1));
        request.topics()
                .add(new CreateTopicsRequestData.CreatableTopic()
                        .setName(topic + "-new-" + version)
                        .setNumPartitions(1)
                        .setReplicationFactor((short) 1));
        return request;
    }

    private static DeleteTopicsRequestData deleteTopics(int version) {
        DeleteTopicsRequestData request = new DeleteTopicsRequestData();
        if (version >= 6) {
            request.topics().add(new DeleteTopicsRequestData.DeleteTopicState().setName("absent"));
            request.topics().add(new DeleteTopicsRequestData.DeleteTopicState().setTopicId(Uuid.randomUuid()));
        } else {
            request.topicNames().add("absent");
        }
        return request;
    }

    private CreatePartitionsRequestData createPartitions() {
        CreatePartitionsRequestData request = new CreatePartitionsRequestData();
        request.topics()
                .add(new CreatePartitionsRequestData.CreatePartitionsTopic()
                        .setName(topic)
                        .setAssignments(null)
                        .setCount(1));
        return request;
    }

    private DeleteRecordsRequestData deleteRecords() {
        DeleteRecordsRequestData request = new DeleteRecordsRequestData();
        request.topics()
                .add(new DeleteRecordsRequestData.DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new DeleteRecordsRequestData.DeleteRecordsPartition()
                                .setPartitionIndex(0)
                                .setOffset(0))));
        return request;
    }

    private DescribeConfigsRequestData describeConfigs(int version) {
        DescribeConfigsRequestData request =
                new DescribeConfigsRequestData().setIncludeSynonyms(true).setIncludeDocumentation(version >= 3);
        for (byte type : new byte[] {2, 4, 32, 16}) {
            request.resources()
                    .add(new DescribeConfigsRequestData.DescribeConfigsResource()
                            .setResourceType(type)
                            .setResourceName(type == 4 ? "7" : topic)
                            .setConfigurationKeys(null));
        }
        return request;
    }

    private AlterConfigsRequestData alterConfigs() {
        AlterConfigsRequestData request = new AlterConfigsRequestData();
        AlterConfigsRequestData.AlterConfigsResource resource = new AlterConfigsRequestData.AlterConfigsResource()
                .setResourceType((byte) 2)
                .setResourceName(topic);
        resource.configs()
                .add(new AlterConfigsRequestData.AlterableConfig()
                        .setName("retention.ms")
                        .setValue("5"));
        request.resources().add(resource);
        return request;
    }

    private IncrementalAlterConfigsRequestData incrementalAlterConfigs() {
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        IncrementalAlterConfigsRequestData.AlterConfigsResource resource =
                new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                        .setResourceType((byte) 2)
                        .setResourceName(topic);
        resource.configs()
                .add(new IncrementalAlterConfigsRequestData.AlterableConfig()
                        .setName("retention.ms")
                        .setConfigOperation((byte) 0)
                        .setValue("6"));
        request.resources().add(resource);
        return request;
    }
}
