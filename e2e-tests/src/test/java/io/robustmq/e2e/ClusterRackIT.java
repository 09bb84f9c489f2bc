package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Nodes 1 and 2 in one rack, node 3 in another: where replicas are placed and consumers read, and who leads when the replicas
 * in sync are gone.
 */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class ClusterRackIT {
    private static final String SPREAD = "spread";
    private static final String KEPT = "kept";
    private static final String FAR = "b";

    @Test
    void replicasAreSpreadOverRacksReadNearbyAndLedByWhoeverHasAllThatIsCommitted() {
        try (var cluster = BrokerCluster.start("rack", 3, ClusterRackIT::settings);
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.answer(admin.createTopics(List.of(new NewTopic(SPREAD, 4, (short) 2)))
                    .all());
            cluster.awaitInSync(admin, List.of(SPREAD));
            assertThat(partitions(admin, SPREAD)).allSatisfy(partition -> assertThat(partition.replicas())
                    .extracting(Node::id)
                    .contains(3));
            if (!cluster.isSplit()) {
                // Clients of brokers apart are told of no other nodes; and those read from leaders.
                assertThat(partitions(admin, SPREAD)).allSatisfy(partition -> assertThat(
                                partition.replicas().stream().map(Node::rack).collect(Collectors.toSet()))
                        .isEqualTo(Set.of("a", FAR)));
                aConsumerReadsInItsRack(cluster, admin);
            }
            whoeverStoppedInOrderLeadsWhenTheOthersAreGone(cluster, admin);
        }
    }

    private static Map<String, String> settings(int node) {
        return Map.of("node.rack", node == 3 ? FAR : "a", "kafka.replica.selector", "rack");
    }

    private static void aConsumerReadsInItsRack(BrokerCluster cluster, Admin admin) {
        int partition = partitions(admin, SPREAD).stream()
                .filter(each -> each.leader().id() != 3)
                .findFirst()
                .orElseThrow()
                .partition();
        try (var producer = KafkaClients.producer(cluster.bootstrap(), Map.of("transactional.id", "far"))) {
            producer.initTransactions();
            for (int i = 0; i < 10; i++) {
                producer.beginTransaction();
                KafkaClients.answer(producer.send(new ProducerRecord<>(SPREAD, partition, null, "v" + i)));
                if (i % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
        try (var consumer = KafkaClients.consumer(
                cluster.bootstrap(), Map.of("client.rack", FAR, "isolation.level", "read_committed"))) {
            var where = new TopicPartition(SPREAD, partition);
            consumer.assign(List.of(where));
            consumer.seekToBeginning(List.of(where));
            List<String> read = new ArrayList<>();
            Await.until("all is read", () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
                return read.size() >= 5;
            });
            assertThat(read).containsExactly("v0", "v2", "v4", "v6", "v8");
            assertThat(preferredReplica(consumer)).hasValue(3);
        }
    }

    private static OptionalDouble preferredReplica(KafkaConsumer<String, String> consumer) {
        return consumer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("preferred-read-replica"))
                .mapToDouble(metric -> ((Number) metric.getValue().metricValue()).doubleValue())
                .findFirst();
    }

    private static void whoeverStoppedInOrderLeadsWhenTheOthersAreGone(BrokerCluster cluster, Admin admin) {
        KafkaClients.answer(admin.createTopics(List.of(
                        new NewTopic(KEPT, Map.of(0, List.of(2, 1))).configs(Map.of("min.insync.replicas", "2"))))
                .all());
        cluster.awaitInSync(admin, List.of(KEPT));
        send(cluster, "all", "both");
        cluster.stop(1);
        Await.until("node 1 may lead", () -> nodes(kept(admin).elr()).equals(Set.of(1)));
        send(cluster, "1", "alone");
        cluster.kill9(2);
        cluster.start(1);
        Await.until("node 1 leads", () -> cluster.leaderOf(admin, KEPT, 0) == 1);
        cluster.start(2);
        cluster.awaitInSync(admin, List.of(KEPT));
        assertThat(kept(admin).elr()).isEmpty();
        send(cluster, "all", "after");
        assertThat(KafkaClients.readAll(cluster.bootstrap(), KEPT).get(0))
                .extracting(each -> each.value())
                .containsExactly("both", "after");
    }

    private static void send(BrokerCluster cluster, String acks, String value) {
        Map<String, Object> settings = Map.of("acks", acks, "enable.idempotence", false);
        try (var producer = KafkaClients.producer(cluster.bootstrap(), settings)) {
            KafkaClients.answer(producer.send(new ProducerRecord<>(KEPT, 0, null, value)));
        }
    }

    private static TopicPartitionInfo kept(Admin admin) {
        return partitions(admin, KEPT).get(0);
    }

    private static List<TopicPartitionInfo> partitions(Admin admin, String topic) {
        return KafkaClients.answer(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions();
    }

    private static Set<Integer> nodes(List<Node> nodes) {
        return nodes.stream().map(Node::id).collect(Collectors.toSet());
    }
}
