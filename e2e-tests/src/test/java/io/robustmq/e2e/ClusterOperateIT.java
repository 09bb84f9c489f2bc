package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators do with the nodes of a cluster, by the commands of the jar: look, vote, balance, drain, remove. */
class ClusterOperateIT {
    private static final String TOPIC = "operated";
    private static final int PARTITIONS = 4;
    private static final String LARGE = "x".repeat(100_000);

    /** Each look starts a process. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private BrokerCluster cluster;
    private Admin admin;

    @BeforeEach
    void start() {
        cluster = BrokerCluster.start("operate", 3, Map.of("mqtt.port", "-1"));
        admin = KafkaClients.admin(cluster.bootstrap());
        KafkaClients.answer(admin.createTopics(List.of(new NewTopic(
                        TOPIC, Map.of(0, List.of(1, 2), 1, List.of(2, 1), 2, List.of(1, 2), 3, List.of(2, 1)))))
                .all());
    }

    @AfterEach
    void stop() {
        admin.close();
        cluster.close();
    }

    @Test
    void aNodeIsFilledDrainedAndRemovedAndADeadOneGivenUp() {
        write();
        cluster.join();
        assertThat(run("status")).contains("observer").contains("leader");
        assertThat(run("voter", "add", "4")).contains("node 4 votes");
        assertThat(run("status")).doesNotContain("observer");
        assertThat(run("level", "--finalize", "5")).contains("level 5").contains("1-5");
        balance();
        drain();
        giveUp();
    }

    private void write() {
        try (var producer = KafkaClients.producer(cluster.bootstrap(), Map.of())) {
            for (int i = 0; i < PARTITIONS; i++) {
                KafkaClients.answer(producer.send(new ProducerRecord<>(TOPIC, i, null, LARGE)));
            }
        }
    }

    private void balance() {
        assertThat(run("balance", "--execute", "--throttle", "1KiB")).contains(TOPIC);
        assertThat(run("status")).contains("(balancing)");
        run("balance", "--cancel");
        assertThat(run("status")).doesNotContain("(balancing)").doesNotContain("moving 0");
        // What was begun goes on, now as fast as it can.
        run("balance", "--execute", "--throttle", "0");
        Await.until("all four nodes have replicas of it", () -> nodesOf().equals(List.of(1, 2, 3, 4)));
        Await.until("it is balanced", PATIENCE, () -> {
            String status = run("status");
            return status.contains("moving 0") && !status.contains("(balancing)");
        });
    }

    private void drain() {
        assertThat(run("voter", "remove", "4")).contains("node 4 has no vote");
        assertThat(run("drain", "4", "--replicas", "--throttle", "0"))
                .contains("node 4 leads 0 partitions and has 0 replicas");
        Await.until("node 4 has no replica", () -> !nodesOf().contains(4));
        assertThat(run("status")).contains("alive,draining");
        assertThat(KafkaClients.refusal(admin.unregisterBroker(4).all()))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("stop it first");
        cluster.stop(4);
        for (int id : cluster.idsOf(4)) {
            KafkaClients.answer(admin.unregisterBroker(id).all());
        }
        assertThat(run("status")).doesNotContain("observer");
        assertThat(run("drain", "2")).contains("node 2 leads 0 partitions");
        Await.until("node 2 leads nothing", () -> !leaders().contains(2));
        run("maintenance", "2", "off");
        assertThat(run("status")).doesNotContain("maintenance");
    }

    private void giveUp() {
        cluster.awaitInSync(admin, List.of(TOPIC));
        cluster.kill9(3);
        List<Integer> dead = cluster.idsOf(3);
        Await.until("node 3 is fenced", PATIENCE, () -> run("status").split("fenced", -1).length > dead.size());
        run("voter", "remove", "3");
        for (int id : dead) {
            run("remove", Integer.toString(id), "--force");
        }
        Await.until("node 3 has no replica", () -> !nodesOf().contains(3));
        assertThat(run("status")).doesNotContain("fenced");
        assertThat(KafkaClients.readAll(cluster.bootstrap(), TOPIC).values())
                .allSatisfy(records ->
                        assertThat(records).extracting(ConsumerRecord::value).containsExactly(LARGE));
    }

    private String run(String... arguments) {
        List<String> words = new ArrayList<>(List.of("cluster"));
        words.addAll(List.of(arguments));
        words.addAll(
                List.of("--admin", BrokerProcess.HOST + ":" + cluster.node(1).port(Endpoint.ADMIN)));
        return CommandLine.run(BrokerJar.command(words.toArray(String[]::new)).toArray(String[]::new));
    }

    private List<Integer> nodesOf() {
        return partitions().stream()
                .flatMap(partition -> partition.replicas().stream())
                .map(node -> node.id())
                .distinct()
                .sorted()
                .toList();
    }

    private List<Integer> leaders() {
        return partitions().stream()
                .map(partition -> cluster.leaderOf(admin, TOPIC, partition.partition()))
                .toList();
    }

    private List<TopicPartitionInfo> partitions() {
        return KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .partitions();
    }
}
