package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** One of a node's two disks takes writes and cannot keep them: forcing what was written is an error. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
@DisabledIfSystemProperty(
        named = BrokerCluster.SPLIT,
        matches = "true",
        disabledReason = "Kafka's clients ask a node itself, which they can only where it has a listener")
@EnabledIf(value = "io.robustmq.e2e.FailingDisk#canBeMade", disabledReason = "needs root and loop devices")
class ClusterDiskErrorIT {
    private static final String TOPIC = "forced";
    private static final int PARTITIONS = 6;

    @Test
    void whatCannotBeForcedIsNotAcknowledgedAndTheOtherReplicaLeads() throws IOException {
        Path at = Path.of("target", "brokers", "disk-error-disk").toAbsolutePath();
        try (var disk = FailingDisk.make(at);
                var cluster = BrokerCluster.start("disk-error", 3, id -> settings(id, disk));
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            Map<Integer, List<Integer>> placed = new HashMap<>();
            for (int i = 0; i < PARTITIONS; i++) {
                placed.put(i, List.of(1, 2));
            }
            KafkaClients.answer(
                    admin.createTopics(List.of(new NewTopic(TOPIC, placed).configs(Map.of("flush.messages", "1"))))
                            .all());
            cluster.awaitInSync(admin, List.of(TOPIC));
            Set<Integer> there = partitionsOn(admin, disk);
            assertThat(there).isNotEmpty().hasSizeLessThan(PARTITIONS);
            var load = new IdempotentLoad(Map.of("bootstrap.servers", cluster.bootstrap()), TOPIC);
            try (load) {
                awaitProgress(load);
                disk.useUp();
                Await.until(
                        "node 2 leads what is on the failing disk",
                        Duration.ofMinutes(2),
                        () -> described(admin).stream()
                                .allMatch(each -> leads(each, there.contains(each.partition()) ? 2 : 1)));
                awaitProgress(load);
            }
            assertThat(load.failures()).isEmpty();
            assertThat(cluster.node(1).get("/health/live").statusCode()).isEqualTo(200);
            Map<TopicPartition, Map<Long, String>> log = new HashMap<>();
            KafkaClients.readAll(cluster.bootstrap(), TOPIC)
                    .forEach((partition, records) -> log.put(
                            new TopicPartition(TOPIC, partition),
                            records.stream().collect(Collectors.toMap(ConsumerRecord::offset, ConsumerRecord::value))));
            for (IdempotentLoad.Acknowledged each : load.acknowledged()) {
                assertThat(log.get(new TopicPartition(TOPIC, each.partition())))
                        .containsEntry(each.offset(), each.value());
            }
        }
    }

    private static Map<String, String> settings(int node, FailingDisk disk) {
        return node == 1
                ? Map.of("mqtt.port", "-1", "journal.dirs", further(disk), "journal.dirs.check.ms", "200")
                : Map.of("mqtt.port", "-1");
    }

    private static String further(FailingDisk disk) {
        return disk.directory().resolve("further").toString();
    }

    private static Set<Integer> partitionsOn(Admin admin, FailingDisk disk) {
        return KafkaClients.answer(admin.describeLogDirs(List.of(1)).allDescriptions())
                .get(1)
                .get(further(disk))
                .replicaInfos()
                .keySet()
                .stream()
                .filter(partition -> partition.topic().equals(TOPIC))
                .map(TopicPartition::partition)
                .collect(Collectors.toSet());
    }

    private static List<TopicPartitionInfo> described(Admin admin) {
        return KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .partitions();
    }

    private static boolean leads(TopicPartitionInfo partition, int node) {
        return partition.leader() != null && partition.leader().id() == node;
    }

    private static void awaitProgress(IdempotentLoad load) {
        int target = load.acknowledgedCount() + 2_000;
        Await.until("the load goes on", Duration.ofMinutes(1), () -> {
            assertThat(load.failures()).as("sends that failed").isEmpty();
            return load.acknowledgedCount() >= target;
        });
    }
}
