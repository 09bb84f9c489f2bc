package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A topic outgrows the disk: segments move to a directory that is the object store, and are read back unnoticed. */
class TieredStorageIT {
    private static final int RECORDS = 400;
    private static final Map<String, String> CONFIGS = Map.of(
            "remote.storage.enable", "true",
            "segment.bytes", "16384",
            "local.retention.bytes", "20000");

    private static final Path OBJECTS =
            Path.of("target", "tiered-objects-" + ProcessHandle.current().pid()).toAbsolutePath();

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("tiering")
                .set("remote.storage.store", "directory")
                .set("remote.storage.directory.path", OBJECTS.toString())
                .set("remote.storage.check.ms", "100")
                .set("remote.storage.chunk.bytes", "4096")
                .set("remote.storage.delete.delay.ms", "200")
                .set("remote.storage.topic.partitions", "1")
                .start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
        BrokerProcess.deleteTree(OBJECTS);
    }

    @Test
    void topicOutgrowsTheDiskAndIsReadWholeAlsoAfterRestarts() {
        try (Admin admin = KafkaClients.admin(broker)) {
            KafkaClients.createTopic(broker, "outgrows", 1, CONFIGS);
            List<String> written = new NumberedTopic("outgrows").write(broker.kafka(), 0, RECORDS);
            awaitLocalStartAbove(admin, "outgrows", RECORDS / 2);
            assertThat(new NumberedTopic("outgrows").offset(admin, OffsetSpec.earliest()))
                    .isZero();
            assertThat(new NumberedTopic("outgrows").offset(admin, OffsetSpec.latestTiered()))
                    .isGreaterThanOrEqualTo(
                            new NumberedTopic("outgrows").offset(admin, OffsetSpec.earliestLocal()) - 1);
            assertThat(new NumberedTopic("outgrows").values(broker.kafka())).isEqualTo(written);

            broker.kill9();
            broker.start();
            assertThat(new NumberedTopic("outgrows").values(broker.kafka())).isEqualTo(written);
            written.addAll(new NumberedTopic("outgrows").write(broker.kafka(), RECORDS, 50));
            assertThat(broker.stop()).isZero();
            broker.start();
            assertThat(new NumberedTopic("outgrows").values(broker.kafka())).isEqualTo(written);
        }
    }

    @Test
    void retentionIsOverBothAndADeletedTopicLeavesNothing() {
        try (Admin admin = KafkaClients.admin(broker)) {
            KafkaClients.createTopic(broker, "retained", 1, CONFIGS);
            String id = KafkaClients.answer(
                            admin.describeTopics(List.of("retained")).allTopicNames())
                    .get("retained")
                    .topicId()
                    .toString();
            List<String> written = new NumberedTopic("retained").write(broker.kafka(), 0, RECORDS);
            awaitLocalStartAbove(admin, "retained", RECORDS / 2);

            var partition = new TopicPartition("retained", 0);
            KafkaClients.answer(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(100)))
                    .all());
            assertThat(new NumberedTopic("retained").offset(admin, OffsetSpec.earliest()))
                    .isEqualTo(100);
            assertThat(new NumberedTopic("retained").values(broker.kafka())).isEqualTo(written.subList(100, RECORDS));

            set(admin, "retained", "retention.bytes", "60000");
            Await.until(
                    "retention takes what is stored",
                    () -> new NumberedTopic("retained").offset(admin, OffsetSpec.earliest()) > 100);
            long start = new NumberedTopic("retained").offset(admin, OffsetSpec.earliest());
            assertThat(new NumberedTopic("retained").values(broker.kafka()))
                    .isEqualTo(written.subList((int) start, RECORDS));
            Await.until("its objects go", () -> objects(id).stream()
                    .noneMatch(name -> Long.parseLong(name.substring(0, 20)) < start));

            KafkaClients.answer(admin.deleteTopics(List.of("retained")).all());
            Await.until("nothing is left of the topic", () -> objects(id).isEmpty());
        }
    }

    @Test
    void sessionsAndShareGroupsGoOnInTheStoreAndWhatKafkaRefusesIsRefused() {
        try (Admin admin = KafkaClients.admin(broker)) {
            assertRefused(admin, Map.of("remote.storage.enable", "true", "cleanup.policy", "compact"), "compacted");
            assertRefused(
                    admin,
                    Map.of("remote.storage.enable", "true", "retention.ms", "100", "local.retention.ms", "200"),
                    "retention.ms");
            var groups = new ShareGroups(broker);
            groups.create("behind", 1, Map.of());
            CONFIGS.forEach((key, value) -> set(admin, "behind", key, value));
            assertThat(KafkaClients.refusal(alter(admin, "behind", "remote.storage.enable", "false")))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("disable remote storage");

            var client = MqttClients.persistent(broker, "behind");
            assertThat(MqttClients.resume(client)).isFalse();
            MqttClients.subscribe(client, "behind/#", MqttQos.AT_LEAST_ONCE);
            client.disconnect();
            List<String> written = new NumberedTopic("behind").write(broker.kafka(), 0, 200);
            awaitLocalStartAbove(admin, "behind", 100);
            try (var inbox = MqttClients.inbox(client)) {
                assertThat(MqttClients.resume(client)).isTrue();
                assertThat(MqttClients.nextTexts(inbox, 200)).isEqualTo(written);
            }
            client.disconnect();
            var shared = new ArrayList<String>();
            try (var member = groups.member("behind", Map.of())) {
                Await.until("the share group has all", () -> {
                    member.poll(ShareGroups.POLL).forEach(record -> shared.add(record.value()));
                    return shared.size() >= written.size();
                });
            }
            assertThat(shared).isEqualTo(written);
        }
    }

    private static void assertRefused(Admin admin, Map<String, String> configs, String why) {
        assertThat(KafkaClients.refusal(
                        admin.createTopics(List.of(new NewTopic("refused", 1, (short) 1).configs(configs)))
                                .all()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(why);
    }

    private static void awaitLocalStartAbove(Admin admin, String topic, long offset) {
        Await.until(
                "segments are stored and deleted here",
                () -> new NumberedTopic(topic).offset(admin, OffsetSpec.earliestLocal()) > offset);
    }

    private static void set(Admin admin, String topic, String key, String value) {
        KafkaClients.answer(alter(admin, topic, key, value));
    }

    private static KafkaFuture<Void> alter(Admin admin, String topic, String key, String value) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var change = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        return admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all();
    }

    /** Names of the topic's objects. */
    private static List<String> objects(String topicId) throws IOException {
        Path root = OBJECTS.resolve("objects");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().contains(topicId))
                    .filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }
}
