package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.junit.jupiter.api.Test;

/** Three nodes with one object store: leaders die, a replica begins anew, and everything is read once. */
class ClusterTieringIT {
    private static final String TOPIC = "moves-on";
    private static final int RECORDS = 300;
    private static final NumberedTopic NUMBERED = new NumberedTopic(TOPIC);

    private final Path objects = Path.of(
                    "target", "cluster-objects-" + ProcessHandle.current().pid())
            .toAbsolutePath();

    @Test
    void leadersGoOnWithTheManifestAndANewReplicaBeginsWhereTheStoreEnds() {
        try (BrokerCluster cluster = BrokerCluster.start("cluster-tiering", 3, settings());
                Admin admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.createTopic(
                    cluster.bootstrap(),
                    TOPIC,
                    1,
                    Map.of(
                            "remote.storage.enable", "true",
                            "segment.bytes", "16384",
                            "local.retention.bytes", "20000",
                            "min.insync.replicas", "2"));
            List<String> written = NUMBERED.write(cluster.bootstrap(), 0, RECORDS);
            awaitLocalStartAbove(admin, RECORDS / 2);
            assertThat(NUMBERED.offset(admin, OffsetSpec.earliest())).isZero();
            for (int id = 1; id <= 3; id++) {
                int node = id;
                Await.until("replicas keep no more than their leader", () -> segments(cluster, node) <= 4);
            }
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);

            int first = cluster.leaderOf(admin, TOPIC, 0);
            cluster.kill9(first);
            written.addAll(NUMBERED.write(cluster.bootstrap(), RECORDS, 150));
            awaitLocalStartAbove(admin, RECORDS + 30);
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);

            deleteTopicData(cluster, first);
            cluster.start(first);
            cluster.awaitInSync(admin, List.of(TOPIC));
            assertThat(firstLocalOffset(cluster, first)).isGreaterThan(RECORDS);
            assertThat(cluster.store(first).output()).contains("the object store has what lies before");

            int second = cluster.leaderOf(admin, TOPIC, 0);
            if (second != first) {
                cluster.kill9(second);
                Await.until("another leads", Duration.ofSeconds(30), () -> {
                    int leader = cluster.leaderOf(admin, TOPIC, 0);
                    return leader != second && leader > 0;
                });
            }
            written.addAll(NUMBERED.write(cluster.bootstrap(), RECORDS + 150, 50));
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    @Test
    void onlyReplicaLosesItsDiskAndOffsetsGoOnBehindWhatIsStored() {
        try (BrokerCluster cluster = BrokerCluster.start("cluster-tiering", 3, settings());
                Admin admin = KafkaClients.admin(cluster.bootstrap())) {
            NewTopic alone = new NewTopic(TOPIC, Map.of(0, List.of(2)))
                    .configs(Map.of(
                            "remote.storage.enable", "true",
                            "segment.bytes", "16384",
                            "local.retention.bytes", "20000"));
            KafkaClients.answer(admin.createTopics(List.of(alone)).all());
            List<String> written = NUMBERED.write(cluster.bootstrap(), 0, RECORDS);
            awaitLocalStartAbove(admin, RECORDS / 2);

            cluster.kill9(2);
            cluster.loseEverything(2);
            cluster.start(2);
            List<String> later = NUMBERED.write(cluster.bootstrap(), RECORDS, 50);
            List<String> left = NUMBERED.values(cluster.bootstrap());
            int stored = left.size() - later.size();
            assertThat(stored).isBetween(RECORDS / 2, RECORDS);
            assertThat(left.subList(0, stored)).isEqualTo(written.subList(0, stored));
            assertThat(left.subList(stored, left.size())).isEqualTo(later);
            assertThat(NUMBERED.offset(admin, OffsetSpec.latest())).isEqualTo(left.size());
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    private Map<String, String> settings() {
        return Map.of(
                "remote.storage.store", "directory",
                "remote.storage.directory.path", objects.toString(),
                "remote.storage.check.ms", "100",
                "remote.storage.topic.partitions", "2",
                "journal.replica.lag.ms", "2000");
    }

    private static void deleteTopicData(BrokerCluster cluster, int id) {
        BrokerProcess.deleteTree(partitionDirectory(cluster, id));
    }

    private static Path partitionDirectory(BrokerCluster cluster, int id) {
        Path journal = cluster.store(id).dataDir().resolve("journal");
        try (Admin admin = KafkaClients.admin(cluster.bootstrap())) {
            String topicId = KafkaClients.answer(
                            admin.describeTopics(List.of(TOPIC)).allTopicNames())
                    .get(TOPIC)
                    .topicId()
                    .toString();
            return journal.resolve(topicId + "-0");
        }
    }

    private static List<String> logs(BrokerCluster cluster, int id) {
        Path directory = partitionDirectory(cluster, id);
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".log"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int segments(BrokerCluster cluster, int id) {
        return logs(cluster, id).size();
    }

    private static long firstLocalOffset(BrokerCluster cluster, int id) {
        return Long.parseLong(logs(cluster, id).get(0).substring(0, 20));
    }

    private static void awaitLocalStartAbove(Admin admin, long offset) {
        Await.until(
                "segments are stored and deleted here",
                Duration.ofSeconds(30),
                () -> NUMBERED.offset(admin, OffsetSpec.earliestLocal()) > offset);
    }
}
