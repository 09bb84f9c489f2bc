package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;

/** Three processes of the real jar: the leader of a partition is killed while a producer writes and a group reads. */
class ClusterIT {
    private static final String TOPIC = "replicated";
    private static final int PARTITIONS = 3;
    private static final int ACKNOWLEDGED_BETWEEN = 300;

    @Test
    void aKilledLeaderCostsNothingThatWasAcknowledgedAndComesBackInSync() throws Exception {
        try (var cluster = BrokerCluster.start("cluster", 3);
                var admin = Admin.create(config(cluster))) {
            KafkaClients.answer(
                    admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(PARTITIONS), Optional.of((short) 3))
                                    .configs(Map.of("min.insync.replicas", "2"))))
                            .all());
            awaitInSync(cluster, admin, Set.of(1, 2, 3));
            var load = new IdempotentLoad(config(cluster), TOPIC);
            try (load) {
                awaitProgress(load, ACKNOWLEDGED_BETWEEN);
                int victim = cluster.leaderOf(admin, TOPIC, 0);
                cluster.kill9(victim);
                awaitInSync(cluster, admin, without(victim));
                awaitProgress(load, ACKNOWLEDGED_BETWEEN);
                cluster.start(victim);
                awaitInSync(cluster, admin, Set.of(1, 2, 3));
                awaitProgress(load, ACKNOWLEDGED_BETWEEN);
                int stopped = cluster.leaderOf(admin, TOPIC, 1);
                assertThat(cluster.stop(stopped)).isZero();
                awaitInSync(cluster, admin, without(stopped));
                awaitProgress(load, ACKNOWLEDGED_BETWEEN);
            }
            assertThat(load.failures()).isEmpty();
            assertAllThere(load, readByGroup(cluster, load.acknowledgedCount()));
        }
    }

    private static Set<Integer> without(int node) {
        Set<Integer> rest = new HashSet<>(Set.of(1, 2, 3));
        rest.remove(node);
        return rest;
    }

    private static void awaitProgress(IdempotentLoad load, int count) {
        int target = load.acknowledgedCount() + count;
        Await.until("the load goes on", Duration.ofSeconds(30), () -> {
            assertThat(load.failures()).as("sends that failed").isEmpty();
            return load.acknowledgedCount() >= target;
        });
    }

    private static void awaitInSync(BrokerCluster cluster, Admin admin, Set<Integer> nodes) {
        Await.until("all partitions have in sync " + nodes, Duration.ofSeconds(30), () -> partitions(admin).stream()
                .allMatch(partition -> ids(partition.isr()).equals(nodes)
                        && nodes.contains(cluster.leaderOf(admin, TOPIC, partition.partition()))));
    }

    private static Set<Integer> ids(List<Node> nodes) {
        return nodes.stream().map(Node::id).collect(Collectors.toSet());
    }

    private static List<TopicPartitionInfo> partitions(Admin admin) throws Exception {
        return admin.describeTopics(List.of(TOPIC))
                .allTopicNames()
                .get(10, TimeUnit.SECONDS)
                .get(TOPIC)
                .partitions();
    }

    /** Everything, as a member of a group, which also commits what it has read. */
    private static Map<TopicPartition, Map<Long, ConsumerRecord<String, String>>> readByGroup(
            BrokerCluster cluster, int count) {
        Map<String, Object> config = config(cluster);
        config.put("group.id", "readers");
        config.put("auto.offset.reset", "earliest");
        Map<TopicPartition, Map<Long, ConsumerRecord<String, String>>> read = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            int[] found = new int[1];
            Await.until("the group reads all", Duration.ofSeconds(30), () -> {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                records.forEach(record -> read.computeIfAbsent(
                                new TopicPartition(record.topic(), record.partition()), each -> new HashMap<>())
                        .put(record.offset(), record));
                found[0] += records.count();
                return found[0] >= count;
            });
            consumer.commitSync();
        }
        return read;
    }

    private static void assertAllThere(
            IdempotentLoad load, Map<TopicPartition, Map<Long, ConsumerRecord<String, String>>> read) {
        for (IdempotentLoad.Acknowledged each : load.acknowledged()) {
            ConsumerRecord<String, String> record =
                    read.get(new TopicPartition(TOPIC, each.partition())).get(each.offset());
            assertThat(record).as("record of %s", each).isNotNull();
            assertThat(record.key()).as("key of %s", each).isEqualTo(each.key());
            assertThat(record.value()).as("value of %s", each).isEqualTo(each.value());
        }
        read.forEach((partition, records) -> {
            Set<String> distinct = records.values().stream()
                    .map(record -> record.key() + "=" + record.value())
                    .collect(Collectors.toSet());
            assertThat(distinct).as("values of %s, each once", partition).hasSameSizeAs(records.values());
        });
    }

    private static Map<String, Object> config(BrokerCluster cluster) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", cluster.bootstrap());
        config.put("reconnect.backoff.ms", 20);
        config.put("reconnect.backoff.max.ms", 200);
        config.put("retry.backoff.ms", 20);
        config.put("retry.backoff.max.ms", 200);
        config.put("request.timeout.ms", 5_000);
        return config;
    }
}
