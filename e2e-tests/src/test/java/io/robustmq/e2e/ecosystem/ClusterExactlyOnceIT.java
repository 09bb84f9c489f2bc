package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.KafkaClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/**
 * Two applications copy a topic in transactions while nodes of a cluster are killed, each the coordinator of something that is
 * under way: the copy is the topic, once and in order in each partition, for who reads along as for who reads it in the end.
 */
class ClusterExactlyOnceIT {
    private static final long SEED = Long.getLong("robustmq.copy.seed", 20_261_126L);
    private static final int KILLS = Integer.getInteger("robustmq.copy.kills", 3);
    private static final int RECORDS_BETWEEN_KILLS = 90;
    private static final int PARTITIONS = 3;
    private static final int NODES = 3;
    private static final int APPLICATIONS = 2;
    private static final String SOURCE = "source";
    private static final String COPY = "copy";
    private static final List<String> TOPICS = List.of(SOURCE, COPY, "__consumer_offsets", "__transaction_state");

    private final Random random = new Random(SEED);
    private final List<CommandLine> applications = new ArrayList<>();
    private int written;

    @Test
    void copyIsTheTopicWhoeverLeadsAndDies() {
        try (var cluster = BrokerCluster.start("copy-cluster", NODES, Map.of("group.initial.rebalance.delay.ms", "0"));
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.answer(
                    admin.createTopics(List.of(topic(SOURCE), topic(COPY))).all());
            try (var reader = new CommittedReader(cluster.bootstrap(), COPY, PARTITIONS)) {
                for (int i = 0; i < APPLICATIONS; i++) {
                    applications.add(JavaProgram.start(
                            CopyApplication.class, cluster.bootstrap(), SOURCE, COPY, "classic", "instance-" + i));
                }
                write(cluster);
                reader.await(written, this::assertAlive);
                for (int kill = 0; kill < KILLS; kill++) {
                    cluster.awaitInSync(admin, TOPICS);
                    write(cluster);
                    // Somewhere amid what was just written, in the middle of whatever is under way.
                    reader.await(written - 1 - random.nextInt(RECORDS_BETWEEN_KILLS - 1), this::assertAlive);
                    int victim = victim(cluster, admin, kill);
                    cluster.kill9(victim);
                    write(cluster);
                    reader.await(written, this::assertAlive);
                    cluster.start(victim);
                }
                assertThat(restarts()).as("starts after a failure").isLessThanOrEqualTo((long) KILLS * APPLICATIONS);
            } finally {
                applications.forEach(CommandLine::close);
            }
            assertCopyIsComplete(cluster, admin);
        }
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, Optional.of(PARTITIONS), Optional.of((short) NODES))
                .configs(Map.of("min.insync.replicas", "2"));
    }

    private void write(BrokerCluster cluster) {
        try (var producer = KafkaClients.producer(cluster.bootstrap(), Map.of())) {
            for (int i = 0; i < RECORDS_BETWEEN_KILLS; i++) {
                var unused = producer.send(new ProducerRecord<>(
                        SOURCE, written % PARTITIONS, null, Integer.toString(written / PARTITIONS)));
                written++;
            }
        }
    }

    /** By turns the coordinator of a transaction, the leader of a partition that is written to, and that of the group. */
    private int victim(BrokerCluster cluster, Admin admin, int kill) {
        if (kill % 3 == 0) {
            String id = CopyApplication.GROUP + "-instance-" + random.nextInt(APPLICATIONS);
            return cluster.coordinatorOf(admin, "__transaction_state", id);
        } else if (kill % 3 == 1) {
            return cluster.leaderOf(admin, COPY, random.nextInt(PARTITIONS));
        }
        return cluster.coordinatorOf(admin, "__consumer_offsets", CopyApplication.GROUP);
    }

    private long restarts() {
        return applications.stream()
                .flatMap(application -> application.output().lines())
                .filter(line -> line.startsWith(CopyApplication.AGAIN))
                .count();
    }

    private void assertAlive() {
        for (CommandLine application : applications) {
            if (!application.isAlive()) {
                throw new AssertionError("an application ended by itself: " + application.output());
            }
        }
    }

    private void assertCopyIsComplete(BrokerCluster cluster, Admin admin) {
        try (var reader = new CommittedReader(cluster.bootstrap(), COPY, PARTITIONS)) {
            reader.await(written, () -> {});
        }
        // The offsets are committed with the copy, and may be told a moment later.
        Await.until("all offsets are committed", () -> {
            var offsets = KafkaClients.answer(
                    admin.listConsumerGroupOffsets(CopyApplication.GROUP).partitionsToOffsetAndMetadata());
            return offsets.values().stream()
                            .mapToLong(OffsetAndMetadata::offset)
                            .sum()
                    == written;
        });
    }
}
