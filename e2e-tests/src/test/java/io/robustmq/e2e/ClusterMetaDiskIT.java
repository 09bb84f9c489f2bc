package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A disk is so full that a node cannot even write the log of the metadata, and its clients have to find others; later there is room
 * again.
 */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
@EnabledIf(value = "isRoot", disabledReason = "needs root, to mount a file system")
class ClusterMetaDiskIT {
    private static final String TOPIC = "orders";
    private static final int PARTITIONS = 6;
    private static final String FAILED = "meta log cannot be written";
    private static final String STARTED = "meta log started again";
    private static final String TURNED_AWAY = "clients=served→turned away";
    private static final String SERVED = "clients=turned away→served";
    private static final String SESSIONS = "__mqtt_sessions";
    private static final int PATIENCE_MS = 60_000;
    private static final Map<String, String> SETTINGS = Map.of("meta.segment.bytes", "65536");

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name")) && CommandLine.isInstalled("mount");
    }

    private final Path disk = Path.of("target", "brokers", "meta-disk").toAbsolutePath();
    private final Path filler = disk.resolve("filler");

    @BeforeEach
    void mount() throws IOException {
        Files.createDirectories(disk);
        CommandLine.run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString());
    }

    @AfterEach
    void unmount() {
        CommandLine.run("umount", "-l", disk.toString());
    }

    @Test
    void othersLeadUntilThereIsRoomAgainAndNobodyHasToStartAnything() throws IOException {
        try (var cluster = cluster("meta-disk-node");
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            create(admin, TOPIC);
            MqttClients.connected(cluster.node(1), "first").disconnect();
            cluster.awaitInSync(admin, List.of(TOPIC, SESSIONS));
            var load = new IdempotentLoad(Map.of("bootstrap.servers", cluster.bootstrap()), TOPIC);
            var begunAtOne = new IdempotentLoad(cluster.node(1), TOPIC);
            try (load;
                    begunAtOne;
                    Socket idle = kafkaConnection(cluster.node(1));
                    Device device = new Device(cluster, idAtHome(cluster, admin, 2))) {
                awaitProgress(load);
                awaitProgress(begunAtOne);
                device.publish();
                DiskSpace.useUp(filler);
                for (int i = 0; !logged(cluster.store(1), FAILED); i++) {
                    createUnlessThere(admin, "more-" + i);
                }
                Await.until("node 1 leads nothing", Duration.ofMinutes(1), () -> leadsNothing(cluster, admin, 1));
                awaitTurnedAway(cluster, idle, device);
                device.publish();
                awaitProgress(load);
                awaitProgress(begunAtOne);
                Files.delete(filler);
                Await.until(
                        "node 1 hears of the metadata again",
                        Duration.ofMinutes(1),
                        () -> logged(cluster.store(1), STARTED));
                awaitServing(cluster.node(1), cluster.store(1));
                awaitAllGoesOn(cluster, admin, load);
                awaitProgress(begunAtOne);
            }
            assertThat(load.failures()).isEmpty();
            assertThat(begunAtOne.failures()).isEmpty();
        }
    }

    @Test
    void aVoteThatCouldNotBeWrittenKeepsNobodyOut() throws IOException {
        try (var cluster = cluster("meta-vote-node");
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            create(admin, TOPIC);
            cluster.awaitInSync(admin, List.of(TOPIC));
            var load = new IdempotentLoad(Map.of("bootstrap.servers", cluster.bootstrap()), TOPIC);
            try (load) {
                awaitProgress(load);
                haveItVoteWithoutRoom(cluster);
                Files.delete(filler);
                awaitAllGoesOn(cluster, admin, load);

                haveItVoteWithoutRoom(cluster);
                cluster.kill9(1);
                Files.delete(filler);
                cluster.start(1);
                awaitAllGoesOn(cluster, admin, load);
            }
            assertThat(load.failures()).isEmpty();
        }
    }

    private BrokerCluster cluster(String name) {
        return BrokerCluster.start(name, 3, SETTINGS, (id, node) -> {
            if (id == 1) {
                node.dataDir(disk.resolve(name));
            }
        });
    }

    /** Who leads the metadata stands still when node 1 has no room for a vote: Ratis leaves its file empty. */
    private void haveItVoteWithoutRoom(BrokerCluster cluster) throws IOException {
        BrokerProcess full = cluster.store(1);
        if (metaLeader(full) == 1) {
            full.pause();
            Await.until("another node leads the metadata", Duration.ofMinutes(1), () -> {
                int leader = metaLeader(cluster.store(2));
                return leader > 1 && leader == metaLeader(cluster.store(3));
            });
            full.goOn();
            Await.until("node 1 knows who leads the metadata", Duration.ofMinutes(1), () -> metaLeader(full) > 1);
        }
        BrokerProcess leader = cluster.store(metaLeader(full));
        DiskSpace.useUp(filler);
        leader.pause();
        try {
            Path vote = voteOf(full);
            Await.until("node 1 could not write its vote", Duration.ofMinutes(1), () -> Files.size(vote) == 0);
        } finally {
            leader.goOn();
        }
    }

    private static Path voteOf(BrokerProcess node) throws IOException {
        try (Stream<Path> files = Files.walk(node.dataDir())) {
            return files.filter(file -> file.endsWith("raft-meta")).findFirst().orElseThrow();
        }
    }

    private static int metaLeader(BrokerProcess node) {
        return NodeReport.metaLeader(node.get("/api/v1/cluster").body());
    }

    private static void awaitAllGoesOn(BrokerCluster cluster, Admin admin, IdempotentLoad load) {
        cluster.awaitInSync(admin, List.of(TOPIC));
        String topic = "afterwards-" + System.nanoTime();
        create(admin, topic);
        cluster.awaitInSync(admin, List.of(topic));
        awaitProgress(load);
    }

    private static void awaitTurnedAway(BrokerCluster cluster, Socket idle, Device device) throws IOException {
        BrokerProcess node = cluster.store(1);
        if (cluster.isSplit()) {
            // Clients are connected to the broker beside it, which follows another voter.
            Await.until("node 1 turns clients away", Duration.ofMinutes(1), () -> logged(node, TURNED_AWAY));
        } else {
            device.lost.orTimeout(PATIENCE_MS, TimeUnit.MILLISECONDS).join();
            assertThat(count(node, TURNED_AWAY)).isEqualTo(1);
            assertThat(isClosedByNode(idle)).isTrue();
            try (Socket another = kafkaConnection(node)) {
                assertThat(isClosedByNode(another)).isTrue();
            }
        }
        HttpResponse<String> ready = node.get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("clients are turned away");
        assertThat(node.get("/metrics").body()).contains("robustmq_node_clients_turned_away 1");
        assertThat(count(node, SERVED)).isZero();
    }

    private static void awaitServing(BrokerProcess front, BrokerProcess node) throws IOException {
        Await.until(
                "node 1 is ready again",
                Duration.ofMinutes(1),
                () -> node.get("/health/ready").statusCode() == 200);
        assertThat(count(node, TURNED_AWAY)).isEqualTo(1);
        assertThat(count(node, SERVED)).isEqualTo(1);
        try (var asked = KafkaClients.admin(front)) {
            assertThat(KafkaClients.answer(asked.listTopics().names())).contains(TOPIC);
        }
        var client = MqttClients.connected(front, "afterwards");
        MqttClients.publish(client, "devices/afterwards", MqttQos.AT_LEAST_ONCE, "here again");
        client.disconnect();
    }

    private static Socket kafkaConnection(BrokerProcess node) throws IOException {
        var socket = new Socket(InetAddress.getByName(node.host()), node.port(Endpoint.KAFKA));
        socket.setSoTimeout(PATIENCE_MS);
        return socket;
    }

    private static boolean isClosedByNode(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static String idAtHome(BrokerCluster cluster, Admin admin, int node) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "device-" + i)
                .filter(each -> cluster.coordinatorOf(admin, SESSIONS, each) == node)
                .findFirst()
                .orElseThrow();
    }

    private static int count(BrokerProcess node, String text) throws IOException {
        return Files.readString(node.logFile()).split(Pattern.quote(text), -1).length - 1;
    }

    /** A client with a session that knows all nodes and begins at the first; {@code lost} when it lost its first connection. */
    private static final class Device implements AutoCloseable {
        final CompletableFuture<Void> lost = new CompletableFuture<>();
        private final AtomicInteger turn = new AtomicInteger();
        private final Mqtt5AsyncClient client;

        Device(BrokerCluster cluster, String id) {
            client = MqttClients.builder(cluster.node(1), id)
                    .addDisconnectedListener(context -> {
                        lost.complete(null);
                        BrokerProcess next = cluster.node(1 + turn.incrementAndGet() % cluster.size());
                        context.getReconnector()
                                .reconnect(context.getSource() != MqttDisconnectSource.USER)
                                .delay(200, TimeUnit.MILLISECONDS)
                                .transportConfig()
                                .serverAddress(new InetSocketAddress(next.host(), next.port(Endpoint.MQTT)))
                                .applyTransportConfig();
                    })
                    .buildAsync();
            MqttClients.connectForAnHour(client);
        }

        void publish() {
            var sent = client.publishWith()
                    .topic("devices/state")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(MqttClients.bytes("here"))
                    .send();
            assertThat(sent.orTimeout(PATIENCE_MS, TimeUnit.MILLISECONDS).join().getError())
                    .isEmpty();
        }

        @Override
        public void close() {
            client.disconnect().join();
        }
    }

    private static void create(Admin admin, String topic) {
        KafkaClients.answer(
                admin.createTopics(List.of(new NewTopic(topic, Optional.of(PARTITIONS), Optional.of((short) 3))))
                        .all());
    }

    /** Who leads the metadata may lose its log after the topic was committed, with the answer: asked again, it is there. */
    private static void createUnlessThere(Admin admin, String topic) {
        try {
            create(admin, topic);
        } catch (AssertionError refused) {
            if (!(refused.getCause() instanceof TopicExistsException)) {
                throw refused;
            }
        }
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
