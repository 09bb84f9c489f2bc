package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.junit.jupiter.api.Test;

/** What operators do with the nodes of a cluster, by the commands of the jar: look, drain, balance, remove. */
class ClusterOperateIT {
    private static final String TOPIC = "operated";

    @Test
    void aNodeIsFilledDrainedAndRemoved() {
        try (var cluster = BrokerCluster.start("operate", 3, Map.of("mqtt.port", "-1"));
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.answer(admin.createTopics(List.of(new NewTopic(
                            TOPIC, Map.of(0, List.of(1, 2), 1, List.of(2, 1), 2, List.of(1, 2), 3, List.of(2, 1)))))
                    .all());
            cluster.join();
            assertThat(run(cluster, "status")).contains("observer").contains("leader");
            assertThat(run(cluster, "level", "--finalize", "3"))
                    .contains("level 3")
                    .contains("1-3");

            assertThat(run(cluster, "balance", "--execute", "--throttle", "100MiB"))
                    .contains(TOPIC);
            Await.until(
                    "all four nodes have replicas of it", () -> nodesOf(admin).equals(List.of(1, 2, 3, 4)));
            Await.until(
                    "it is balanced",
                    () -> run(cluster, "status").contains("moving 0")
                            && !run(cluster, "status").contains("(balancing)"));

            assertThat(run(cluster, "drain", "4", "--replicas", "--throttle", "0"))
                    .contains("node 4 leads 0 partitions and has 0 replicas");
            assertThat(nodesOf(admin)).doesNotContain(4);
            assertThat(run(cluster, "status")).contains("alive,draining");
            assertThat(KafkaClients.refusal(admin.unregisterBroker(4).all()))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("stop it first");
            cluster.node(4).stop();
            KafkaClients.answer(admin.unregisterBroker(4).all());
            assertThat(run(cluster, "status")).doesNotContain("observer");

            assertThat(run(cluster, "drain", "2")).contains("node 2 leads 0 partitions");
            assertThat(leaders(admin)).doesNotContain(2);
            run(cluster, "maintenance", "2", "off");
            assertThat(run(cluster, "status")).doesNotContain("maintenance");
        }
    }

    private static String run(BrokerCluster cluster, String... arguments) {
        List<String> words = new ArrayList<>(List.of("cluster"));
        words.addAll(List.of(arguments));
        words.addAll(
                List.of("--admin", BrokerProcess.HOST + ":" + cluster.node(1).port(Endpoint.ADMIN)));
        return CommandLine.run(BrokerJar.command(words.toArray(String[]::new)).toArray(String[]::new));
    }

    private static List<Integer> nodesOf(Admin admin) {
        return partitions(admin).stream()
                .flatMap(partition -> partition.replicas().stream())
                .map(node -> node.id())
                .distinct()
                .sorted()
                .toList();
    }

    private static List<Integer> leaders(Admin admin) {
        return partitions(admin).stream()
                .map(partition -> partition.leader().id())
                .toList();
    }

    private static List<TopicPartitionInfo> partitions(Admin admin) {
        return KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .partitions();
    }
}
