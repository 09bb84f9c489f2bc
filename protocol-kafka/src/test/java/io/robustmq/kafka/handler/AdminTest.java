package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.kafka.memory.MemoryBroker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Java admin client against the whole listener. */
@Timeout(60)
class AdminTest {
    private static final ConfigResource TOPIC = new ConfigResource(ConfigResource.Type.TOPIC, "t");
    private static final ConfigResource NODE =
            new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(MemoryBroker.NODE_ID));

    private MemoryBroker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void aCreatedTopicIsDescribedWithItsConfigurationAndDeletedById() throws Exception {
        CreateTopicsResult created =
                admin.createTopics(List.of(new NewTopic("t", 3, (short) 1).configs(Map.of("retention.ms", "5000"))));
        assertThat(await(created.numPartitions("t"))).isEqualTo(3);
        assertThat(await(created.config("t")).get("retention.ms").value()).isEqualTo("5000");
        assertThat(await(created.config("t")).get("retention.ms").source())
                .isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
        TopicDescription described =
                await(admin.describeTopics(List.of("t")).allTopicNames()).get("t");
        assertThat(described.partitions()).hasSize(3);
        assertThat(described.topicId()).isEqualTo(await(created.topicId("t")));
        await(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(described.topicId())))
                .all());
        assertThat(await(admin.listTopics().names())).isEmpty();
        assertThatThrownBy(() -> await(admin.deleteTopics(List.of("t")).all()))
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }

    @Test
    void keysAndValuesThatNobodyEnforcesAreRefused() {
        assertThatThrownBy(() -> create("c", Map.of("preallocate", "true")))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> create("c", Map.of("file.delete.delay.ms", "1")))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> create("c", Map.of("min.cleanable.dirty.ratio", "1.5")))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> create("c", Map.of("min.compaction.lag.ms", "2", "max.compaction.lag.ms", "1")))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> create("c", Map.of("no.such.key", "1")))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> create("not legal!", Map.of())).hasCauseInstanceOf(InvalidTopicException.class);
    }

    @Test
    void internalTopicsMayBeCompactedAsSomeToolsCreateThem() throws Exception {
        create("__consumer_offsets", Map.of("cleanup.policy", "compact"));
        assertThat(await(admin.describeTopics(List.of("__consumer_offsets")).allTopicNames())
                        .get("__consumer_offsets")
                        .isInternal())
                .isTrue();
    }

    @Test
    void validateOnlyCreatesNothing() throws Exception {
        await(admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)), new CreateTopicsOptions().validateOnly(true))
                .all());
        assertThat(await(admin.listTopics().names())).isEmpty();
    }

    @Test
    void configurationIsSetToItsDefaultAndDeletedAndSaysWhereItComesFrom() throws Exception {
        create("t", Map.of());
        assertThat(entry("retention.ms").source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
        assertThat(entry("retention.ms").type()).isEqualTo(ConfigEntry.ConfigType.LONG);
        assertThat(entry("retention.ms").documentation()).isNotEmpty();
        alter(OpType.SET, "retention.ms", "604800000");
        assertThat(entry("retention.ms").source()).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
        assertThat(entry("retention.ms").synonyms()).hasSize(1);
        assertThat(entry("cleanup.policy").synonyms())
                .extracting(ConfigEntry.ConfigSynonym::name)
                .containsExactly("log.cleanup.policy");
        alter(OpType.DELETE, "retention.ms", "");
        assertThat(entry("retention.ms").source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
        assertThatThrownBy(() -> alter(OpType.SET, "retention.ms", "soon"))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> alter(OpType.APPEND, "retention.ms", "1"))
                .hasCauseInstanceOf(InvalidConfigurationException.class);
    }

    @Test
    void listsAreAppendedToAndSubtractedFrom() throws Exception {
        create("t", Map.of());
        alter(OpType.APPEND, "cleanup.policy", "compact");
        assertThat(entry("cleanup.policy").value()).isEqualTo("delete,compact");
        alter(OpType.APPEND, "cleanup.policy", "compact");
        assertThat(entry("cleanup.policy").value()).isEqualTo("delete,compact");
        alter(OpType.SUBTRACT, "cleanup.policy", "delete");
        assertThat(entry("cleanup.policy").value()).isEqualTo("compact");
    }

    @Test
    void kafkasKeysOfTopicsAreTold() throws Exception {
        create("t", Map.of("cleanup.policy", "compact,delete", "delete.retention.ms", "5"));
        assertThat(entry("delete.retention.ms").value()).isEqualTo("5");
        assertThat(entry("min.cleanable.dirty.ratio").value()).isEqualTo("0.5");
        assertThat(entry("max.compaction.lag.ms").value()).isEqualTo("9223372036854775807");
        assertThat(entry("file.delete.delay.ms").value()).isEqualTo("60000");
        assertThat(entry("preallocate").value()).isEqualTo("false");
    }

    @Test
    void theNodeTellsItsConfiguration() throws Exception {
        Config config = await(admin.describeConfigs(List.of(NODE)).all()).get(NODE);
        ConfigEntry port = config.get("kafka.port");
        assertThat(port.value()).isEqualTo("0");
        assertThat(port.source()).isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
        assertThat(port.isReadOnly()).isTrue();
        assertThatThrownBy(() -> await(admin.incrementalAlterConfigs(Map.of(
                                NODE, List.of(new AlterConfigOp(new ConfigEntry("kafka.port", "1"), OpType.SET))))
                        .all()))
                .hasCauseInstanceOf(InvalidRequestException.class);
    }

    @Test
    void topicsGrowButDoNotShrink() throws Exception {
        create("t", Map.of());
        await(admin.createPartitions(Map.of("t", NewPartitions.increaseTo(4))).all());
        assertThat(await(admin.describeTopics(List.of("t")).allTopicNames())
                        .get("t")
                        .partitions())
                .hasSize(4);
        assertThatThrownBy(() -> await(admin.createPartitions(Map.of("t", NewPartitions.increaseTo(2)))
                        .all()))
                .hasCauseInstanceOf(InvalidPartitionsException.class);
    }

    @Test
    void theClusterHasOneNodeAtTheAddressTheClientReached() throws Exception {
        var cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
        assertThat(await(cluster.clusterId())).isEqualTo("memory-cluster");
        assertThat(await(cluster.nodes())).singleElement().satisfies(node -> {
            assertThat(node.host()).isEqualTo("127.0.0.1");
            assertThat(node.port()).isEqualTo(broker.address().getPort());
        });
        assertThat(await(cluster.authorizedOperations())).isNotEmpty();
        Map<String, LogDirDescription> directories = await(
                        admin.describeLogDirs(List.of(MemoryBroker.NODE_ID)).allDescriptions())
                .get(MemoryBroker.NODE_ID);
        assertThat(directories).hasSize(1);
    }

    @Test
    void deletedRecordsMoveTheBeginning() throws Exception {
        create("t", Map.of());
        TopicPartition partition = new TopicPartition("t", 0);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap()), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < 10; i++) {
                Future<RecordMetadata> unused = producer.send(new ProducerRecord<>("t", 0, null, "v"));
            }
            producer.flush();
        }
        assertThat(await(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                                .lowWatermarks()
                                .get(partition))
                        .lowWatermark())
                .isEqualTo(4);
        assertThat(await(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                                .lowWatermarks()
                                .get(partition))
                        .lowWatermark())
                .isEqualTo(10);
    }

    private void create(String name, Map<String, String> configs) throws Exception {
        await(admin.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(configs)))
                .all());
    }

    private ConfigEntry entry(String key) throws Exception {
        DescribeConfigsOptions everything =
                new DescribeConfigsOptions().includeDocumentation(true).includeSynonyms(true);
        return await(admin.describeConfigs(List.of(TOPIC), everything).all())
                .get(TOPIC)
                .get(key);
    }

    private void alter(OpType operation, String key, String value) throws Exception {
        await(admin.incrementalAlterConfigs(
                        Map.of(TOPIC, List.of(new AlterConfigOp(new ConfigEntry(key, value), operation))))
                .all());
    }

    private static <T> T await(KafkaFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }
}
