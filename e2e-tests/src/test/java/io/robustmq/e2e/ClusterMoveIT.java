package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.junit.jupiter.api.Test;

/** A partition is moved between the nodes of a cluster while a producer writes to it, and leaders go back where they belong. */
class ClusterMoveIT {
    private static final String TOPIC = "moved";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @Test
    void aPartitionMovesUnderItsProducerAndLosesNothing() {
        try (var cluster = BrokerCluster.start("move", 3, Map.of("meta.leader.balance.interval.ms", "1000"));
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.answer(admin.createTopics(List.of(new NewTopic(TOPIC, Map.of(0, List.of(1, 2)))))
                    .all());
            var load = new IdempotentLoad(Map.of("bootstrap.servers", cluster.bootstrap()), TOPIC);
            try (load) {
                awaitProgress(load);
                move(admin, 3, 1);
                awaitReplicas(admin, List.of(3, 1));
                awaitLeader(cluster, admin, 3);
                awaitProgress(load);
                assertThat(KafkaClients.refusal(admin.electLeaders(ElectionType.PREFERRED, Set.of(PARTITION))
                                .all()))
                        .isInstanceOf(ElectionNotNeededException.class);

                cluster.kill9(3);
                awaitLeader(cluster, admin, 1);
                awaitProgress(load);
                assertThat(metric(cluster.store(1), "robustmq_partitions_under_replicated"))
                        .isPositive();
                assertThat(KafkaClients.refusal(admin.electLeaders(ElectionType.UNCLEAN, Set.of(PARTITION))
                                .all()))
                        .isInstanceOf(ElectionNotNeededException.class);

                // The node is away: the move waits for it, and is given up.
                move(admin, 2, 3);
                assertThat(KafkaClients.answer(
                                admin.listPartitionReassignments().reassignments()))
                        .containsKey(PARTITION);
                KafkaClients.answer(admin.alterPartitionReassignments(Map.of(PARTITION, Optional.empty()))
                        .all());
                assertThat(KafkaClients.refusal(admin.alterPartitionReassignments(Map.of(PARTITION, Optional.empty()))
                                .all()))
                        .isInstanceOf(NoReassignmentInProgressException.class);
                // Another node may answer, a moment behind.
                Await.until("the move is given up", () -> Set.copyOf(replicas(admin))
                        .equals(Set.of(1, 3)));
                cluster.start(3);
                cluster.awaitInSync(admin, List.of(TOPIC));
                awaitProgress(load);
            }
            assertThat(load.failures()).isEmpty();
            var read = KafkaClients.readAll(cluster.bootstrap(), TOPIC).get(0);
            for (IdempotentLoad.Acknowledged each : load.acknowledged()) {
                assertThat(read.get((int) each.offset()).value()).isEqualTo(each.value());
            }
        }
    }

    private static void move(Admin admin, Integer... nodes) {
        KafkaClients.answer(admin.alterPartitionReassignments(
                        Map.of(PARTITION, Optional.of(new NewPartitionReassignment(List.of(nodes)))))
                .all());
    }

    private static void awaitProgress(IdempotentLoad load) {
        int target = load.acknowledgedCount() + 200;
        Await.until("the load goes on", () -> load.acknowledgedCount() >= target);
    }

    private static void awaitReplicas(Admin admin, List<Integer> nodes) {
        Await.until("the replicas are " + nodes, () -> replicas(admin).equals(nodes));
        Await.until("nothing is moved", () -> KafkaClients.answer(
                        admin.listPartitionReassignments().reassignments())
                .isEmpty());
    }

    private static void awaitLeader(BrokerCluster cluster, Admin admin, int node) {
        Await.until("the leader is " + node, () -> cluster.leaderOf(admin, TOPIC, 0) == node);
    }

    private static List<Integer> replicas(Admin admin) {
        return partition(admin).replicas().stream().map(Node::id).toList();
    }

    private static TopicPartitionInfo partition(Admin admin) {
        return KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .partitions()
                .get(0);
    }

    private static double metric(BrokerProcess node, String name) {
        return node.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }
}
