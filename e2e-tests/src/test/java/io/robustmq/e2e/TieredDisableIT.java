package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.Test;

/** A topic that was stored becomes read only there, and then is not stored any more (KIP-950), with Kafka's own client. */
class TieredDisableIT {
    private static final String TOPIC = "returns";
    private static final int RECORDS = 300;
    private static final NumberedTopic NUMBERED = new NumberedTopic(TOPIC);

    private final Path objects = Path.of(
                    "target", "disable-objects-" + ProcessHandle.current().pid())
            .toAbsolutePath();

    @Test
    void topicIsReadOnlyInTheStoreAndThenNotThereAnyMore() {
        Map<String, String> settings = Map.of(
                "remote.storage.store", "directory",
                "remote.storage.directory.path", objects.toString(),
                "remote.storage.check.ms", "100",
                "remote.storage.delete.delay.ms", "200",
                "remote.storage.topic.partitions", "1");
        try (BrokerCluster cluster = BrokerCluster.start("tiering-disabled", 3, settings);
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
            Await.until(
                    "segments are stored and deleted here",
                    () -> NUMBERED.offset(admin, OffsetSpec.earliestLocal()) > RECORDS / 2);

            assertThat(KafkaClients.refusal(alter(admin, set("remote.log.copy.disable", "true"))))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("`local.retention.bytes` and `retention.bytes` must be set to the identical");
            KafkaClients.answer(
                    alter(admin, set("remote.log.copy.disable", "true"), set("local.retention.bytes", "-2")));
            written.addAll(NUMBERED.write(cluster.bootstrap(), RECORDS, RECORDS));
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);
            int first = cluster.leaderOf(admin, TOPIC, 0);
            cluster.kill9(first);
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written);
            assertThat(NUMBERED.offset(admin, OffsetSpec.latestTiered())).isLessThan(RECORDS);

            assertThat(KafkaClients.refusal(alter(admin, set("remote.storage.enable", "false"))))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("disable remote storage without deleting remote data");
            KafkaClients.answer(
                    alter(admin, set("remote.storage.enable", "false"), set("remote.log.delete.on.disable", "true")));
            Await.until(
                    "the log begins with what is here",
                    () -> NUMBERED.offset(admin, OffsetSpec.earliest()) > RECORDS / 2);
            Await.until("nothing is left in the store", () -> names().isEmpty());
            long start = NUMBERED.offset(admin, OffsetSpec.earliest());
            assertThat(start).isLessThan(RECORDS);
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written.subList((int) start, written.size()));

            cluster.start(first);
            cluster.awaitInSync(admin, List.of(TOPIC));
            int leader = cluster.leaderOf(admin, TOPIC, 0);
            cluster.kill9(leader);
            Await.until("another leads", Duration.ofSeconds(30), () -> {
                int next = cluster.leaderOf(admin, TOPIC, 0);
                return next != leader && next > 0;
            });
            assertThat(NUMBERED.offset(admin, OffsetSpec.earliest())).isEqualTo(start);
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written.subList((int) start, written.size()));

            KafkaClients.answer(alter(
                    admin,
                    set("remote.storage.enable", "true"),
                    set("remote.log.copy.disable", "false"),
                    set("local.retention.bytes", "20000")));
            written.addAll(NUMBERED.write(cluster.bootstrap(), 2 * RECORDS, RECORDS));
            Await.until(
                    "it is stored again",
                    Duration.ofSeconds(60),
                    () -> NUMBERED.offset(admin, OffsetSpec.earliestLocal()) > 2 * RECORDS);
            assertThat(NUMBERED.offset(admin, OffsetSpec.earliest())).isEqualTo(start);
            assertThat(NUMBERED.values(cluster.bootstrap())).isEqualTo(written.subList((int) start, written.size()));
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    private static AlterConfigOp set(String key, String value) {
        return new AlterConfigOp(new ConfigEntry(key, value), OpType.SET);
    }

    private static KafkaFuture<Void> alter(Admin admin, AlterConfigOp... changes) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        return admin.incrementalAlterConfigs(Map.of(resource, List.of(changes))).all();
    }

    /** Of all objects. */
    private List<String> names() throws IOException {
        Path root = objects.resolve("objects");
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }
}
