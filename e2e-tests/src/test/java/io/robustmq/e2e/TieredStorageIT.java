package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.Test;

/** A topic outgrows the disk: segments move to a directory that is the object store, and are read back unnoticed. */
class TieredStorageIT {
    private static final String TOPIC = "outgrows";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final int RECORDS = 400;
    private static final Map<String, String> CONFIGS = Map.of(
            "remote.storage.enable", "true",
            "segment.bytes", "16384",
            "local.retention.bytes", "20000");

    private final Path objects =
            Path.of("target", "tiered-objects-" + ProcessHandle.current().pid());

    @Test
    void topicOutgrowsTheDiskAndIsReadWholeAlsoAfterRestarts() {
        try (var broker = broker("tiering").start();
                Admin admin = KafkaClients.admin(broker)) {
            KafkaClients.createTopic(broker, TOPIC, 1, CONFIGS);
            List<String> written = write(broker, 0, RECORDS);
            awaitLocalStartAbove(admin, RECORDS / 2);
            assertThat(offset(admin, OffsetSpec.earliest())).isZero();
            assertThat(offset(admin, OffsetSpec.latestTiered())).isGreaterThanOrEqualTo(localStart(admin) - 1);
            assertThat(values(broker)).isEqualTo(written);

            broker.kill9();
            broker.start();
            assertThat(values(broker)).isEqualTo(written);
            written.addAll(write(broker, RECORDS, 50));
            assertThat(broker.stop()).isZero();
            broker.start();
            assertThat(values(broker)).isEqualTo(written);
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    @Test
    void retentionIsOverBothAndADeletedTopicLeavesNothing() {
        try (var broker = broker("tiering-retention").start();
                Admin admin = KafkaClients.admin(broker)) {
            KafkaClients.createTopic(broker, TOPIC, 1, CONFIGS);
            List<String> written = write(broker, 0, RECORDS);
            awaitLocalStartAbove(admin, RECORDS / 2);

            KafkaClients.answer(admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(100)))
                    .all());
            assertThat(offset(admin, OffsetSpec.earliest())).isEqualTo(100);
            assertThat(values(broker)).isEqualTo(written.subList(100, RECORDS));

            set(admin, "retention.bytes", "60000");
            Await.until("retention takes what is stored", () -> offset(admin, OffsetSpec.earliest()) > 100);
            long start = offset(admin, OffsetSpec.earliest());
            assertThat(values(broker)).isEqualTo(written.subList((int) start, RECORDS));
            Await.until("its objects go", () -> objectsBelow(start) == 0);

            KafkaClients.answer(admin.deleteTopics(List.of(TOPIC)).all());
            Await.until("nothing is left of the topic", () -> objectCount() == 0);
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    @Test
    void sessionsAndShareGroupsGoOnInTheStoreAndWhatKafkaRefusesIsRefused() throws Exception {
        try (var broker = broker("tiering-readers").start();
                Admin admin = KafkaClients.admin(broker)) {
            assertRefused(admin, Map.of("remote.storage.enable", "true", "cleanup.policy", "compact"), "compacted");
            assertRefused(
                    admin,
                    Map.of("remote.storage.enable", "true", "retention.ms", "100", "local.retention.ms", "200"),
                    "retention.ms");
            var groups = new ShareGroups(broker);
            groups.create(TOPIC, 1, Map.of());
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
            CONFIGS.forEach((key, value) -> set(admin, key, value));
            var off = new AlterConfigOp(new ConfigEntry("remote.storage.enable", "false"), AlterConfigOp.OpType.SET);
            assertThat(KafkaClients.refusal(admin.incrementalAlterConfigs(Map.of(resource, List.of(off)))
                            .all()))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("disable remote storage");

            var client = MqttClients.persistent(broker, "behind");
            assertThat(MqttClients.resume(client)).isFalse();
            MqttClients.subscribe(client, TOPIC + "/#", MqttQos.AT_LEAST_ONCE);
            client.disconnect();
            List<String> written = write(broker, 0, 200);
            awaitLocalStartAbove(admin, 100);
            try (var inbox = MqttClients.inbox(client)) {
                assertThat(MqttClients.resume(client)).isTrue();
                assertThat(MqttClients.nextTexts(inbox, 200)).isEqualTo(written);
            }
            client.disconnect();
            var shared = new ArrayList<String>();
            try (var member = groups.member(TOPIC, Map.of())) {
                Await.until("the share group has all", Duration.ofSeconds(30), () -> {
                    member.poll(ShareGroups.POLL).forEach(record -> shared.add(record.value()));
                    return shared.size() >= written.size();
                });
            }
            assertThat(shared).isEqualTo(written);
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    private static void assertRefused(Admin admin, Map<String, String> configs, String why) {
        assertThat(KafkaClients.refusal(
                        admin.createTopics(List.of(new NewTopic("refused", 1, (short) 1).configs(configs)))
                                .all()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(why);
    }

    private BrokerProcess broker(String name) {
        return BrokerProcess.named(name)
                .set("remote.storage.store", "directory")
                .set("remote.storage.directory.path", objects.toAbsolutePath().toString())
                .set("remote.storage.check.ms", "100")
                .set("remote.storage.chunk.bytes", "4096")
                .set("remote.storage.delete.delay.ms", "200")
                .set("remote.storage.topic.partitions", "1");
    }

    private static List<String> write(BrokerProcess broker, int from, int count) {
        var values = new ArrayList<String>();
        var answers = new ArrayList<Future<RecordMetadata>>();
        try (KafkaProducer<String, String> producer = KafkaClients.producer(broker, Map.of("batch.size", 1_000))) {
            for (int i = from; i < from + count; i++) {
                String value = "value-" + i + "-" + "x".repeat(300);
                values.add(value);
                answers.add(producer.send(new ProducerRecord<>(TOPIC, null, value)));
            }
            answers.forEach(KafkaClients::answer);
        }
        return values;
    }

    private static List<String> values(BrokerProcess broker) {
        return KafkaClients.readAll(broker, TOPIC).get(0).stream()
                .map(ConsumerRecord::value)
                .toList();
    }

    private static void awaitLocalStartAbove(Admin admin, long offset) {
        Await.until("segments are stored and deleted here", Duration.ofSeconds(30), () -> localStart(admin) > offset);
    }

    private static long localStart(Admin admin) {
        return offset(admin, OffsetSpec.earliestLocal());
    }

    private static long offset(Admin admin, OffsetSpec spec) {
        return KafkaClients.answer(admin.listOffsets(Map.of(PARTITION, spec)).partitionResult(PARTITION))
                .offset();
    }

    private static void set(Admin admin, String key, String value) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        var change = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        KafkaClients.answer(
                admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
    }

    private long objectCount() {
        return objectNames().size();
    }

    /** Objects of segments that end below the offset: but for one, those that begin there. */
    private long objectsBelow(long offset) {
        return objectNames().stream()
                .filter(name -> Long.parseLong(name.substring(0, 20)) < offset)
                .count();
    }

    private List<String> objectNames() {
        Path root = objects.resolve("objects");
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            // Directories go with their last object.
            return List.of("00000000000000000000");
        }
    }
}
