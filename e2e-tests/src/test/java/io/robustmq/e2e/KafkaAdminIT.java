package io.robustmq.e2e;

import static io.robustmq.e2e.KafkaClients.answer;
import static io.robustmq.e2e.KafkaClients.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator's tools ask a Kafka broker. */
@ExtendWith(SharedBroker.class)
class KafkaAdminIT {
    private final BrokerProcess broker;
    private final Admin admin;

    KafkaAdminIT(BrokerProcess broker) {
        this.broker = broker;
        admin = KafkaClients.admin(broker);
    }

    @AfterEach
    void closeAdmin() {
        admin.close();
    }

    @Test
    void createdTopicIsListedAndDescribedUntilItIsDeleted() {
        create("admin-life", 3, Map.of());

        assertThat(answer(admin.listTopics().names())).contains("admin-life");
        TopicDescription described = describe("admin-life");
        assertThat(described.partitions()).hasSize(3);
        assertThat(described.partitions().get(0).leader().port()).isEqualTo(broker.port(Endpoint.KAFKA));
        assertThat(described.isInternal()).isFalse();

        answer(admin.deleteTopics(List.of("admin-life")).all());
        assertThat(answer(admin.listTopics().names())).doesNotContain("admin-life");
        assertThat(refusal(admin.describeTopics(List.of("admin-life")).allTopicNames()))
                .isInstanceOf(UnknownTopicOrPartitionException.class);
    }

    @Test
    void topicCreatedAgainUnderItsOldNameIsEmptyAndHasANewId() {
        create("admin-again", 1, Map.of());
        var firstId = describe("admin-again").topicId();
        produce("admin-again", 5);
        answer(admin.deleteTopics(List.of("admin-again")).all());

        create("admin-again", 1, Map.of());

        assertThat(describe("admin-again").topicId()).isNotEqualTo(firstId);
        assertThat(offset("admin-again", OffsetSpec.latest())).isZero();
        produce("admin-again", 1);
        assertThat(offset("admin-again", OffsetSpec.latest())).isEqualTo(1);
    }

    @Test
    void topicThatCannotBeIsRefusedWithTheReason() {
        create("admin-taken", 1, Map.of());

        assertThat(creationRefusal("admin-taken", 1, 1, Map.of())).isInstanceOf(TopicExistsException.class);
        assertThat(creationRefusal("no/slash", 1, 1, Map.of())).isInstanceOf(InvalidTopicException.class);
        assertThat(creationRefusal("admin-none", 0, 1, Map.of())).isInstanceOf(InvalidPartitionsException.class);
        assertThat(creationRefusal("admin-rf", 1, 5, Map.of())).isInstanceOf(InvalidReplicationFactorException.class);
        assertThat(creationRefusal("admin-bad", 1, 1, Map.of("retention.ms", "soon")))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThat(creationRefusal("admin-unknown", 1, 1, Map.of("no.such.config", "1")))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThat(answer(admin.listTopics().names()))
                .doesNotContain("no/slash", "admin-none", "admin-rf", "admin-bad", "admin-unknown");
    }

    @Test
    void alteredConfigIsDescribedAndADeletedOneIsTheDefaultAgain() {
        create("admin-config", 1, Map.of("retention.ms", "60000"));
        assertThat(config("admin-config", "retention.ms").value()).isEqualTo("60000");
        assertThat(config("admin-config", "retention.ms").source())
                .isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);

        alter("admin-config", new ConfigEntry("retention.ms", "120000"), OpType.SET);
        assertThat(config("admin-config", "retention.ms").value()).isEqualTo("120000");

        alter("admin-config", new ConfigEntry("retention.ms", ""), OpType.DELETE);
        assertThat(config("admin-config", "retention.ms").value()).isEqualTo("604800000");
        assertThat(config("admin-config", "retention.ms").isDefault()).isTrue();
    }

    @Test
    void configThatCannotBeEnforcedIsRefusedAndNotStored() {
        create("admin-enforce", 1, Map.of());
        var impossible = alteration("admin-enforce", new ConfigEntry("cleanup.policy", "shrink"), OpType.SET);
        assertThat(refusal(impossible)).isInstanceOf(InvalidConfigurationException.class);
        var unknown = alteration("admin-enforce", new ConfigEntry("no.such.config", "1"), OpType.SET);
        assertThat(refusal(unknown)).isInstanceOf(InvalidConfigurationException.class);

        assertThat(config("admin-enforce", "cleanup.policy").value()).isEqualTo("delete");
    }

    @Test
    void offsetsAreFoundByPositionAndByTime() {
        create("admin-offsets", 1, Map.of());
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            long now = System.currentTimeMillis();
            for (int i = 0; i < 10; i++) {
                answer(producer.send(new ProducerRecord<>("admin-offsets", 0, now - 10_000 + i * 1000L, "k", "v" + i)));
            }

            assertThat(offset("admin-offsets", OffsetSpec.earliest())).isZero();
            assertThat(offset("admin-offsets", OffsetSpec.latest())).isEqualTo(10);
            assertThat(offset("admin-offsets", OffsetSpec.maxTimestamp())).isEqualTo(9);
            assertThat(offset("admin-offsets", OffsetSpec.forTimestamp(now - 10_000 + 2500)))
                    .isEqualTo(3);
            assertThat(offset("admin-offsets", OffsetSpec.forTimestamp(now + 60_000)))
                    .isEqualTo(-1);
        }
    }

    @Test
    void deletedRecordsAreGoneForReaders() {
        create("admin-delete", 1, Map.of());
        produce("admin-delete", 10);
        var partition = new TopicPartition("admin-delete", 0);

        answer(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                .all());

        assertThat(offset("admin-delete", OffsetSpec.earliest())).isEqualTo(4);
        try (var consumer = KafkaClients.consumer(broker, Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            var first = Await.get(
                    "a record after the reset",
                    Await.DEADLINE,
                    () -> consumer.poll(Duration.ofMillis(100)).records(partition).stream()
                            .findFirst());
            assertThat(first.offset()).isEqualTo(4);
        }
        assertThat(refusal(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(99)))
                        .all()))
                .isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void partitionsGrowAndNeverShrink() {
        create("admin-grow", 2, Map.of());

        answer(admin.createPartitions(Map.of("admin-grow", NewPartitions.increaseTo(5)))
                .all());

        assertThat(describe("admin-grow").partitions()).hasSize(5);
        assertThat(refusal(admin.createPartitions(Map.of("admin-grow", NewPartitions.increaseTo(3)))
                        .all()))
                .isInstanceOf(InvalidPartitionsException.class);
    }

    @Test
    void groupIsListedAndDescribedAndDeletedOnceItIsEmpty() {
        create("admin-group", 2, Map.of());
        produce("admin-group", 10);
        try (var member = GroupMember.join(broker, "admin-group", "admin-group")) {
            Await.until("all is read", () -> member.records().size() == 10);

            assertThat(answer(admin.listGroups().all())).anyMatch(each -> "admin-group".equals(each.groupId()));
            var described = answer(
                            admin.describeConsumerGroups(List.of("admin-group")).all())
                    .get("admin-group");
            assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
            assertThat(described.members()).hasSize(1);
            assertThat(described.members().iterator().next().assignment().topicPartitions())
                    .hasSize(2);
            assertThat(refusal(
                            admin.deleteConsumerGroups(List.of("admin-group")).all()))
                    .isInstanceOf(GroupNotEmptyException.class);
        }
        assertThat(committedTotal("admin-group")).isEqualTo(10);

        answer(admin.deleteConsumerGroups(List.of("admin-group")).all());

        assertThat(answer(admin.listGroups().all())).noneMatch(each -> "admin-group".equals(each.groupId()));
        assertThat(refusal(admin.deleteConsumerGroups(List.of("admin-group")).all()))
                .isInstanceOf(GroupIdNotFoundException.class);
    }

    @Test
    void operatorMovesTheOffsetsOfAnEmptyGroup() {
        create("admin-reset", 1, Map.of());
        produce("admin-reset", 10);
        var partition = new TopicPartition("admin-reset", 0);

        answer(admin.alterConsumerGroupOffsets("admin-reset", Map.of(partition, new OffsetAndMetadata(7)))
                .all());

        assertThat(committedTotal("admin-reset")).isEqualTo(7);
        try (var member = GroupMember.join(broker, "admin-reset", "admin-reset")) {
            Await.until("the rest is read", () -> member.records().size() == 3);
            assertThat(member.records().get(0).offset()).isEqualTo(7);
        }
    }

    @Test
    void clusterIsThisOneBroker() {
        var cluster = admin.describeCluster();

        assertThat(answer(cluster.clusterId())).isNotBlank();
        assertThat(answer(cluster.nodes())).hasSize(1);
        assertThat(answer(cluster.controller()).port()).isEqualTo(broker.port(Endpoint.KAFKA));
        assertThat(answer(admin.describeLogDirs(
                                List.of(answer(cluster.controller()).id()))
                        .allDescriptions()))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void recordsOfEveryCodecComeBackAsTheyWere(String codec) {
        String topic = "admin-codec-" + codec;
        create(topic, 1, Map.of());
        var sent = new ArrayList<String>();
        try (var producer = KafkaClients.producer(broker, Map.of("compression.type", codec, "linger.ms", 20))) {
            for (int i = 0; i < 500; i++) {
                sent.add("value " + i + " with some text that compresses");
                var unused = producer.send(new ProducerRecord<>(topic, "k", sent.get(i)));
            }
            producer.flush();
        }
        var log = TopicLog.of(broker, topic);

        log.assertDense();
        assertThat(log.valuesByKey().get("k")).isEqualTo(sent);
    }

    private long committedTotal(String group) {
        return answer(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).values().stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    private void create(String topic, int partitions, Map<String, String> configs) {
        answer(admin.createTopics(Set.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                .all());
    }

    private Throwable creationRefusal(String topic, int partitions, int replicas, Map<String, String> configs) {
        var wanted = new NewTopic(topic, partitions, (short) replicas).configs(configs);
        return refusal(admin.createTopics(Set.of(wanted)).all());
    }

    private TopicDescription describe(String topic) {
        return answer(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
    }

    private ConfigEntry config(String topic, String name) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return answer(admin.describeConfigs(List.of(resource)).all())
                .get(resource)
                .get(name);
    }

    private void alter(String topic, ConfigEntry entry, OpType type) {
        answer(alteration(topic, entry, type));
    }

    private KafkaFuture<Void> alteration(String topic, ConfigEntry entry, OpType type) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(entry, type))))
                .all();
    }

    private long offset(String topic, OffsetSpec spec) {
        var partition = new TopicPartition(topic, 0);
        return answer(admin.listOffsets(Map.of(partition, spec)).all())
                .get(partition)
                .offset();
    }

    private void produce(String topic, int count) {
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            for (int i = 0; i < count; i++) {
                answer(producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i)));
            }
        }
    }
}
