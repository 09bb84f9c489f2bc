package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.junit.jupiter.api.Test;

/** Three nodes with a topic whose records live in S3: leaders die, a replica begins anew, and everything is read once. */
class ClusterHomeIT {
    private static final String TOPIC = "lives-there";
    private static final int RECORDS = 300;
    private static final int VALUE_BYTES = 2_000;
    private static final NumberedTopic NUMBERED = new NumberedTopic(TOPIC, VALUE_BYTES);

    @Test
    void nodesHoldReferencesAndAnyOfThemMayGo() {
        try (ObjectStorage store = new ObjectStorage("127.0.0.1")) {
            Map<String, String> settings = new HashMap<>(store.settings());
            settings.put("storage.linger.ms", "20");
            settings.put("journal.replica.lag.ms", "2000");
            try (BrokerCluster cluster =
                            BrokerCluster.start("cluster-home", 3, settings, (id, node) -> store.place(node));
                    Admin admin = KafkaClients.admin(cluster.bootstrap())) {
                KafkaClients.createTopic(
                        cluster.bootstrap(),
                        TOPIC,
                        1,
                        Map.of("storage", "s3", "segment.bytes", "200000", "min.insync.replicas", "2"));
                List<String> written = NUMBERED.write(cluster.bootstrap(), 0, RECORDS);
                assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);
                for (int id = 1; id <= 3; id++) {
                    assertThat(bytesOf(cluster, admin, id)).isLessThan(RECORDS * VALUE_BYTES / 4);
                }

                int first = cluster.leaderOf(admin, TOPIC, 0);
                cluster.kill9(first);
                written.addAll(NUMBERED.write(cluster.bootstrap(), RECORDS, 150));
                assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);
                Await.until(
                        "full segments get objects of their own",
                        Duration.ofSeconds(60),
                        () -> NUMBERED.offset(admin, OffsetSpec.earliestLocal()) > RECORDS);
                assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);

                BrokerProcess.deleteTree(partitionDirectory(cluster, admin, first));
                cluster.start(first);
                cluster.awaitInSync(admin, List.of(TOPIC));
                assertThat(cluster.store(first).output()).contains("the object store has what lies before");

                int second = cluster.leaderOf(admin, TOPIC, 0);
                cluster.kill9(second);
                Await.until("another leads", Duration.ofSeconds(30), () -> {
                    int leader = cluster.leaderOf(admin, TOPIC, 0);
                    return leader != second && leader > 0;
                });
                written.addAll(NUMBERED.write(cluster.bootstrap(), RECORDS + 150, 50));
                assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);
                cluster.start(second);
                cluster.awaitInSync(admin, List.of(TOPIC));
                sessionsGetWhatOtherNodesStore(cluster);
            }
        }
    }

    private static void sessionsGetWhatOtherNodesStore(BrokerCluster cluster) {
        var reader = MqttClients.persistent(cluster.node(1), "reads-there");
        try (var inbox = MqttClients.inbox(reader)) {
            assertThat(MqttClients.resume(reader)).isFalse();
            MqttClients.subscribe(reader, TOPIC + "/#", MqttQos.AT_LEAST_ONCE);
            List<String> written = NUMBERED.write(cluster.bootstrap(), 0, 40);
            assertThat(MqttClients.nextTexts(inbox, 40)).isEqualTo(written);
        }
        reader.disconnect();
    }

    private static Path partitionDirectory(BrokerCluster cluster, Admin admin, int id) {
        String topicId = KafkaClients.answer(
                        admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .topicId()
                .toString();
        return cluster.store(id).dataDir().resolve("journal").resolve(topicId + "-0");
    }

    private static long bytesOf(BrokerCluster cluster, Admin admin, int id) {
        try (Stream<Path> files = Files.list(partitionDirectory(cluster, admin, id))) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
