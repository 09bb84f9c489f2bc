package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.KafkaClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Replicas that are moved are copied no faster than operators say, by Apache Kafka's own tool and by this broker's draining,
 * and who writes to the partition meanwhile does not notice. What counts is bytes: at no moment were there more than the rate
 * allows until then, however slow the machine is.
 */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
@DisabledIfSystemProperty(
        named = BrokerCluster.SPLIT,
        matches = "true",
        disabledReason = "Kafka's clients ask a node itself, which they can only where it has a listener")
class ClusterThrottleIT {
    private static final String TOPIC = "throttled";
    private static final int RECORDS = 60;
    private static final int RECORD_BYTES = 100_000;
    private static final long RATE = 1_500_000;
    /** What is read at once, and paid for afterwards. */
    private static final long READ_BYTES_MAX = 2_000_000;

    @Test
    void aMoveCopiesNoFasterThanItIsTold() throws IOException {
        try (var cluster = BrokerCluster.start("throttle", 3, Map.of("mqtt.port", "-1"));
                var admin = KafkaClients.admin(cluster.bootstrap());
                var producer = KafkaClients.producer(cluster.bootstrap(), Map.of("acks", "all"))) {
            KafkaClients.answer(admin.createTopics(List.of(new NewTopic(TOPIC, Map.of(0, List.of(1, 2)))))
                    .all());
            var record = new ProducerRecord<String, String>(TOPIC, "x".repeat(RECORD_BYTES));
            for (int i = 0; i < RECORDS; i++) {
                KafkaClients.answer(producer.send(record));
            }

            long start = System.nanoTime();
            assertThat(reassign(cluster, "--execute", "--throttle", Long.toString(RATE)))
                    .contains("The inter-broker throttle limit was set to " + RATE + " B/s")
                    .contains("Successfully started partition reassignment for throttled-0");
            assertThat(nodeConfig(admin, 3, "follower.replication.throttled.rate"))
                    .isEqualTo(Long.toString(RATE));
            KafkaClients.answer(producer.send(record));
            assertCopied(cluster.node(3), admin, start, List.of(3, 2));
            assertThat(metric(cluster.node(1), "sends") + metric(cluster.node(2), "sends"))
                    .isGreaterThanOrEqualTo(RECORDS * RECORD_BYTES);

            assertThat(reassign(cluster, "--verify"))
                    .contains("Reassignment of partition throttled-0 is completed.")
                    .contains("Clearing broker-level throttles on brokers 1,2,3")
                    .contains("Clearing topic-level throttles on topic throttled");
            assertThat(nodeConfig(admin, 3, "follower.replication.throttled.rate"))
                    .isEqualTo(Long.toString(Long.MAX_VALUE));
            assertThat(config(
                            admin,
                            new ConfigResource(ConfigResource.Type.TOPIC, TOPIC),
                            "leader.replication.throttled.replicas"))
                    .isEmpty();

            start = System.nanoTime();
            assertThat(cluster.node(2)
                            .call("POST", "/api/v1/cluster/nodes?node=3&state=draining&throttle=" + RATE)
                            .statusCode())
                    .isEqualTo(200);
            assertCopied(cluster.node(1), admin, start, List.of(1, 2));
        }
    }

    /** Waits until the partition is at these nodes, and looks how much the one that copies it has on the way. */
    private static void assertCopied(BrokerProcess target, Admin admin, long startNanos, List<Integer> replicas) {
        Await.until("the replicas are " + replicas, () -> {
            boolean moved = replicas(admin).equals(replicas);
            double copied = metric(target, "fetches");
            double elapsed = (double) (System.nanoTime() - startNanos) / 1e9;
            // A second's worth may come at once.
            assertThat(copied).isLessThanOrEqualTo(RATE * (elapsed + 1) + READ_BYTES_MAX);
            return moved;
        });
        assertThat(metric(target, "fetches")).isGreaterThanOrEqualTo(RECORDS * RECORD_BYTES);
    }

    private static String reassign(BrokerCluster cluster, String... what) throws IOException {
        Path home = Path.of("target", "brokers", "throttle-1").toAbsolutePath();
        Path wanted = Files.writeString(
                home.resolve("reassignment.json"),
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + TOPIC + "\",\"partition\":0,\"replicas\":[3,2]}]}");
        Path script = Files.writeString(
                home.resolve("script.txt"),
                "kafka-reassign-partitions --bootstrap-server " + cluster.bootstrap() + " --reassignment-json-file "
                        + wanted + " " + String.join(" ", what) + "\n");
        try (CommandLine shell = JavaProgram.startKafkaTools(ToolShell.class, script.toString())) {
            assertThat(shell.awaitExit()).as(shell.output()).isZero();
            return shell.output();
        }
    }

    private static List<Integer> replicas(Admin admin) {
        return KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .partitions()
                .get(0)
                .replicas()
                .stream()
                .map(Node::id)
                .toList();
    }

    private static String nodeConfig(Admin admin, int node, String key) {
        return config(admin, new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(node)), key);
    }

    private static String config(Admin admin, ConfigResource resource, String key) {
        ConfigEntry entry = KafkaClients.answer(
                        admin.describeConfigs(List.of(resource)).all())
                .get(resource)
                .get(key);
        return entry.value();
    }

    private static double metric(BrokerProcess node, String role) {
        String name = "robustmq_journal_replica_throttled_bytes_total{role=\"" + role + "\"";
        return node.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
