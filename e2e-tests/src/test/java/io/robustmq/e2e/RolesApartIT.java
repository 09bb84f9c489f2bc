package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Each role in a process of its own, one that votes, two that keep the log, one with listeners; they speak encrypted. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIf("io.robustmq.e2e.Certificates#areAvailable")
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class RolesApartIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int RECORDS = 30;
    private static final int META = 0;
    private static final int JOURNALS = 2;
    private static final int BROKER = 3;
    private static final List<BrokerProcess> nodes = new ArrayList<>();

    @TempDir
    private static Path directory;

    @BeforeAll
    static void start() throws IOException {
        Certificates certificates = new Certificates(directory).sign("node");
        List<Integer> ports = BrokerCluster.freePorts(2);
        String voters = "1@" + BrokerProcess.HOST + ":" + ports.get(0);
        nodes.add(node(1, "meta", certificates)
                .set("meta.voters", voters)
                .set("meta.port", ports.get(0).toString())
                .set("journal.port", ports.get(1).toString())
                .start());
        // Only now: who looks for a cluster opens its port when it has found it, and it should be free still.
        List<Integer> followers = BrokerCluster.freePorts(JOURNALS);
        for (int i = 0; i < JOURNALS; i++) {
            nodes.add(node(2 + i, "journal", certificates)
                    .set("meta.voters", voters)
                    .set("meta.port", followers.get(i).toString()));
        }
        nodes.add(node(4, "broker", certificates).set("meta.servers", "1@" + BrokerProcess.HOST + ":" + ports.get(1)));
        List<BrokerProcess> others = nodes.subList(1, nodes.size());
        others.forEach(BrokerProcess::launch);
        others.forEach(BrokerProcess::awaitReady);
    }

    private static BrokerProcess node(int id, String role, Certificates certificates) {
        return BrokerProcess.named("apart-" + id)
                .role(role)
                .set("node.id", Integer.toString(id))
                .set("meta.session.timeout.ms", Integer.toString(BrokerCluster.SESSION_MS))
                .set("mqtt.ws.port", "-1")
                .set(
                        "cluster.tls.certificate.file",
                        certificates.certificate("node").toString())
                .set("cluster.tls.key.file", certificates.key("node").toString())
                .set("cluster.tls.ca.file", certificates.authority().toString());
    }

    @AfterAll
    static void stop() {
        nodes.stream().filter(BrokerProcess::isAlive).forEach(BrokerProcess::kill9);
        nodes.forEach(BrokerProcess::close);
    }

    private static String bootstrap() {
        return nodes.get(BROKER).kafka();
    }

    @Test
    @Order(1)
    void replicasAreWhereTheLogIsKeptAndTheMetadataWhereItIsVotedOn() throws Exception {
        KafkaClients.createTopic(bootstrap(), "orders", 4, Map.of());
        try (var admin = KafkaClients.admin(bootstrap())) {
            assertThat(KafkaClients.answer(
                                    admin.describeTopics(List.of("orders")).allTopicNames())
                            .get("orders")
                            .partitions())
                    .allSatisfy(partition -> {
                        assertThat(partition.replicas()).extracting(Node::id).containsExactlyInAnyOrder(2, 3);
                        assertThat(partition.leader().id()).isEqualTo(4);
                    });
            var quorum = KafkaClients.answer(admin.describeMetadataQuorum().quorumInfo());
            assertThat(quorum.voters()).extracting(voter -> voter.replicaId()).containsExactly(1);
            assertThat(quorum.observers())
                    .extracting(observer -> observer.replicaId())
                    .contains(2, 3);
        }
        String admin = BrokerProcess.HOST + ":" + nodes.get(BROKER).port(Endpoint.ADMIN);
        try (var command = CommandLine.start(BrokerJar.command("cluster", "voter", "add", "2", "--admin", admin))) {
            assertThat(command.awaitExit()).isNotZero();
            assertThat(command.output()).contains("node 2 has no role meta");
        }
    }

    @Test
    @Order(2)
    void kafkaAndMqttClientsAreServedAndGoOnWhenALogIsKilled() throws Exception {
        var subscriber = MqttClients.connected(nodes.get(BROKER), "listener");
        var inbox = MqttClients.inbox(subscriber);
        MqttClients.subscribe(subscriber, "rooms/#", MqttQos.AT_LEAST_ONCE);
        var publisher = MqttClients.connected(nodes.get(BROKER), "sensor");
        MqttClients.publish(publisher, "rooms/attic", MqttQos.EXACTLY_ONCE, "21.5");
        assertThat(MqttClients.text(MqttClients.next(inbox))).isEqualTo("21.5");
        publisher.disconnect();
        subscriber.disconnect();
        produce(0, RECORDS);
        nodes.get(2).kill9();
        produce(RECORDS, 2 * RECORDS);
        Set<String> read = new HashSet<>();
        try (var consumer =
                KafkaClients.consumer(bootstrap(), Map.of("group.id", "readers", "auto.offset.reset", "earliest"))) {
            consumer.subscribe(List.of("orders"));
            Await.until("the group reads all", PATIENCE, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                return read.size() >= 2 * RECORDS;
            });
        }
        assertThat(read).hasSize(2 * RECORDS);
    }

    @Test
    @Order(3)
    void whoVotesAndWhoServesMayComeBack() throws Exception {
        nodes.get(META).kill9();
        nodes.get(BROKER).kill9();
        List<BrokerProcess> back = List.of(nodes.get(META), nodes.get(2), nodes.get(BROKER));
        back.forEach(BrokerProcess::launch);
        back.forEach(BrokerProcess::awaitReady);
        KafkaClients.createTopic(bootstrap(), "later", 1, Map.of());
        produce(2 * RECORDS, 3 * RECORDS);
        assertThat(KafkaClients.readAll(bootstrap(), "orders").values().stream()
                        .mapToInt(List::size)
                        .sum())
                .isEqualTo(3 * RECORDS);
    }

    private static void produce(int from, int to) throws Exception {
        try (var producer = KafkaClients.producer(bootstrap(), Map.of("transactional.id", "clerk"))) {
            producer.initTransactions();
            producer.beginTransaction();
            var sent = IntStream.range(from, to)
                    .mapToObj(i -> producer.send(new ProducerRecord<>("orders", i % 4, "k" + i, "v" + i)))
                    .toList();
            producer.commitTransaction();
            for (var each : sent) {
                assertThat(each.get().hasOffset()).isTrue();
            }
        }
    }
}
