package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A disk is so full that a node cannot even write the log of the metadata; later there is room again. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
@EnabledIf(value = "isRoot", disabledReason = "needs root, to mount a file system")
class ClusterMetaDiskIT {
    private static final String TOPIC = "orders";
    private static final int PARTITIONS = 6;
    private static final String FAILED = "meta log cannot be written";
    private static final String STARTED = "meta log started again";
    private static final Map<String, String> SETTINGS = Map.of("mqtt.port", "-1", "meta.segment.bytes", "65536");

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name")) && CommandLine.isInstalled("mount");
    }

    @Test
    void othersLeadUntilThereIsRoomAgainAndNobodyHasToStartAnything() throws IOException {
        Path disk = Files.createDirectories(
                Path.of("target", "brokers", "meta-disk").toAbsolutePath());
        CommandLine.run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString());
        try (var cluster = BrokerCluster.start("meta-disk-node", 3, SETTINGS, (id, node) -> {
                    if (id == 1) {
                        node.dataDir(disk.resolve("data"));
                    }
                });
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            create(admin, TOPIC);
            cluster.awaitInSync(admin, List.of(TOPIC));
            var load = new IdempotentLoad(Map.of("bootstrap.servers", cluster.bootstrap()), TOPIC);
            try (load) {
                awaitProgress(load);
                Path filler = disk.resolve("filler");
                DiskSpace.useUp(filler);
                for (int i = 0; !logged(cluster.store(1), FAILED); i++) {
                    create(admin, "more-" + i);
                }
                Await.until("node 1 leads nothing", Duration.ofMinutes(1), () -> leadsNothing(cluster, admin, 1));
                awaitProgress(load);
                Files.delete(filler);
                Await.until(
                        "node 1 hears of the metadata again",
                        Duration.ofMinutes(1),
                        () -> logged(cluster.store(1), STARTED));
                cluster.awaitInSync(admin, List.of(TOPIC));
                create(admin, "afterwards");
                cluster.awaitInSync(admin, List.of("afterwards"));
                awaitProgress(load);
            }
            assertThat(load.failures()).isEmpty();
        } finally {
            CommandLine.run("umount", "-l", disk.toString());
        }
    }

    private static void create(Admin admin, String topic) {
        KafkaClients.answer(
                admin.createTopics(List.of(new NewTopic(topic, Optional.of(PARTITIONS), Optional.of((short) 3))))
                        .all());
    }

    private static boolean logged(BrokerProcess node, String text) throws IOException {
        return Files.readString(node.logFile()).contains(text);
    }

    private static boolean leadsNothing(BrokerCluster cluster, Admin admin, int node) {
        return IntStream.range(0, PARTITIONS)
                .map(partition -> cluster.leaderOf(admin, TOPIC, partition))
                .allMatch(leader -> leader >= 0 && leader != node);
    }

    private static void awaitProgress(IdempotentLoad load) {
        int target = load.acknowledgedCount() + 500;
        Await.until("the load goes on", Duration.ofMinutes(1), () -> {
            assertThat(load.failures()).as("sends that failed").isEmpty();
            return load.acknowledgedCount() >= target;
        });
    }
}
