package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.DuplicateVoterException;
import org.junit.jupiter.api.Test;

/** A cluster of three gets a fourth node, which follows, leads partitions and votes; a dead one is replaced by an empty one. */
class ClusterMembersIT {
    private static final String TOPIC = "held-by-the-fourth";
    private static final boolean FULL = Boolean.getBoolean("robustmq.full");
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @Test
    void aFourthNodeJoinsAndADeadOneIsReplaced() {
        try (var cluster = BrokerCluster.start("members", 3, Map.of("mqtt.port", "-1"));
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.answer(admin.createTopics(List.of(new NewTopic(TOPIC, Map.of(0, List.of(1, 2)))))
                    .all());
            var load = new IdempotentLoad(Map.of("bootstrap.servers", cluster.bootstrap()), TOPIC);
            try (load) {
                awaitProgress(load);
                BrokerProcess fourth = cluster.store(cluster.join());
                Await.until("node 4 observes", () -> quorum(admin).observers().stream()
                        .map(QuorumInfo.ReplicaState::replicaId)
                        .toList()
                        .equals(List.of(4)));
                KafkaClients.answer(admin.alterPartitionReassignments(
                                Map.of(PARTITION, Optional.of(new NewPartitionReassignment(List.of(4, 2)))))
                        .all());
                Await.until("node 4 leads", () -> cluster.leaderOf(admin, TOPIC, 0) == 4);
                awaitProgress(load);
                try (var asked = KafkaClients.admin(cluster.node(4).kafka())) {
                    makeVoter(asked, fourth);
                }

                // A voter that comes back with nothing is taken out, and votes again when it has everything.
                cluster.kill9(2);
                cluster.loseEverything(2);
                cluster.start(2);
                cluster.awaitInSync(admin, List.of(TOPIC));
                awaitVoters(admin, 1, 2, 3, 4);
                awaitProgress(load);
                if (FULL) {
                    replaceByHand(cluster, admin);
                }
            }
            assertThat(load.failures()).isEmpty();
            var read = KafkaClients.readAll(cluster.bootstrap(), TOPIC).get(0);
            for (IdempotentLoad.Acknowledged each : load.acknowledged()) {
                assertThat(read.get((int) each.offset()).value()).isEqualTo(each.value());
            }
        }
    }

    private static void replaceByHand(BrokerCluster cluster, Admin admin) {
        cluster.kill9(3);
        KafkaClients.answer(admin.removeRaftVoter(3, Uuid.ZERO_UUID).all());
        awaitVoters(admin, 1, 2, 4);
        cluster.loseEverything(3);
        cluster.start(3);
        KafkaClients.answer(admin.addRaftVoter(3, Uuid.ZERO_UUID, Set.of(endpoint(cluster.store(3))))
                .all());
        awaitVoters(admin, 1, 2, 3, 4);
    }

    private static void makeVoter(Admin admin, BrokerProcess node) {
        KafkaClients.answer(
                admin.addRaftVoter(4, Uuid.ZERO_UUID, Set.of(endpoint(node))).all());
        awaitVoters(admin, 1, 2, 3, 4);
        assertThat(KafkaClients.refusal(admin.addRaftVoter(4, Uuid.ZERO_UUID, Set.of(endpoint(node)))
                        .all()))
                .isInstanceOf(DuplicateVoterException.class);
    }

    private static RaftVoterEndpoint endpoint(BrokerProcess node) {
        return new RaftVoterEndpoint("CONTROLLER", BrokerProcess.HOST, node.reportedPort("meta"));
    }

    private static QuorumInfo quorum(Admin admin) {
        return KafkaClients.answer(admin.describeMetadataQuorum().quorumInfo());
    }

    /** Another node may answer than the one that made the change, a moment behind. */
    private static void awaitVoters(Admin admin, Integer... nodes) {
        Await.until("the voters are " + List.of(nodes), () -> quorum(admin).voters().stream()
                .map(QuorumInfo.ReplicaState::replicaId)
                .collect(Collectors.toSet())
                .equals(Set.of(nodes)));
    }

    private static void awaitProgress(IdempotentLoad load) {
        int target = load.acknowledgedCount() + 200;
        Await.until("the load goes on", () -> load.acknowledgedCount() >= target);
    }
}
