package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A node has two directories, one of which is taken away while it runs, and is back later. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
@DisabledIfSystemProperty(
        named = BrokerCluster.SPLIT,
        matches = "true",
        disabledReason = "Kafka's clients ask a node itself, which they can only where it has a listener")
class ClusterDisksIT {
    private static final String TOPIC = "spread";
    private static final int PARTITIONS = 6;
    private static final Path FURTHER =
            Path.of("target", "brokers", "disks-1", "further").toAbsolutePath();

    @Test
    void aDirectoryThatFailsTakesOnlyItsPartitionsOffline() throws IOException {
        try (var cluster = BrokerCluster.start("disks", 3, ClusterDisksIT::settings);
                var admin = KafkaClients.admin(cluster.bootstrap());
                var producer = KafkaClients.producer(cluster.bootstrap(), Map.of("acks", "all"))) {
            Map<Integer, List<Integer>> placed = new HashMap<>();
            for (int i = 0; i < PARTITIONS; i++) {
                placed.put(i, List.of(1, 2));
            }
            KafkaClients.answer(
                    admin.createTopics(List.of(new NewTopic(TOPIC, placed))).all());
            produce(producer, "before");
            Set<Integer> inFurther = partitions(directory(admin, FURTHER.toString()));
            Set<Integer> inFirst = partitions(directory(admin, "journal"));
            assertThat(inFurther).isNotEmpty();
            assertThat(inFirst).isNotEmpty();
            assertThat(inFurther.size() + inFirst.size()).isEqualTo(PARTITIONS);

            Path gone = FURTHER.resolveSibling("gone");
            Files.move(FURTHER, gone);
            awaitLeaders(admin, inFurther, 2);
            assertThat(directory(admin, FURTHER.toString()).error()).isInstanceOf(KafkaStorageException.class);
            assertThat(directory(admin, "journal").error()).isNull();
            assertThat(cluster.node(1).get("/metrics").body()).contains("robustmq_journal_directories_failed 1.0");
            produce(producer, "meanwhile");
            for (TopicPartitionInfo each : described(admin)) {
                boolean lost = inFurther.contains(each.partition());
                assertThat(each.leader().id()).isEqualTo(lost ? 2 : 1);
                assertThat(each.isr().stream().map(Node::id)).contains(2);
                assertThat(each.isr().stream().anyMatch(node -> node.id() == 1)).isNotEqualTo(lost);
            }

            cluster.kill9(1);
            cluster.start(1);
            Await.until("what is in the directory that is there is in sync", () -> inSync(admin)
                    .equals(inFirst));
            produce(producer, "still");

            cluster.stop(1);
            Files.move(gone, FURTHER);
            cluster.start(1);
            cluster.awaitInSync(admin, List.of(TOPIC));
            assertThat(directory(admin, FURTHER.toString()).error()).isNull();
            cluster.kill9(2);
            awaitLeaders(admin, inFurther, 1);
            KafkaClients.readAll(cluster.bootstrap(), TOPIC).values().forEach(records -> assertThat(
                            records.stream().map(record -> record.value()))
                    .containsExactly("before", "meanwhile", "still"));
        }
    }

    private static Map<String, String> settings(int node) {
        return node == 1
                ? Map.of("mqtt.port", "-1", "journal.dirs", FURTHER.toString(), "journal.dirs.check.ms", "200")
                : Map.of("mqtt.port", "-1");
    }

    private static void produce(KafkaProducer<String, String> producer, String value) {
        for (int i = 0; i < PARTITIONS; i++) {
            KafkaClients.answer(producer.send(new ProducerRecord<>(TOPIC, i, null, value)));
        }
    }

    private static LogDirDescription directory(Admin admin, String name) {
        return KafkaClients.answer(admin.describeLogDirs(List.of(1)).allDescriptions())
                .get(1)
                .get(name);
    }

    private static Set<Integer> partitions(LogDirDescription directory) {
        return directory.replicaInfos().keySet().stream()
                .filter(partition -> partition.topic().equals(TOPIC))
                .map(TopicPartition::partition)
                .collect(Collectors.toSet());
    }

    private static List<TopicPartitionInfo> described(Admin admin) {
        return KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .partitions();
    }

    private static Set<Integer> inSync(Admin admin) {
        return described(admin).stream()
                .filter(each -> each.isr().stream().anyMatch(node -> node.id() == 1))
                .map(TopicPartitionInfo::partition)
                .collect(Collectors.toSet());
    }

    private static void awaitLeaders(Admin admin, Set<Integer> partitions, int node) {
        Await.until("node " + node + " leads " + partitions, () -> described(admin).stream()
                .filter(each -> partitions.contains(each.partition()))
                .allMatch(each -> each.leader() != null && each.leader().id() == node));
    }
}
