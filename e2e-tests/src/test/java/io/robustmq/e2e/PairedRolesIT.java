package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** One process that votes and serves clients, two that keep the log and serve clients: each role beside that of another. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class PairedRolesIT {
    private static final int RECORDS = 60;
    private static final List<BrokerProcess> nodes = new ArrayList<>();

    @BeforeAll
    static void start() {
        List<Integer> ports = BrokerCluster.freePorts(2);
        String voters = "1@" + BrokerProcess.HOST + ":" + ports.get(0);
        nodes.add(node(1, "meta,broker")
                .set("meta.voters", voters)
                .set("meta.port", ports.get(0).toString())
                .set("journal.port", ports.get(1).toString())
                .start());
        List<Integer> followers = BrokerCluster.freePorts(2);
        for (int i = 0; i < followers.size(); i++) {
            nodes.add(node(2 + i, "journal,broker")
                    .set("meta.voters", voters)
                    .set("meta.port", followers.get(i).toString()));
        }
        List<BrokerProcess> others = nodes.subList(1, nodes.size());
        others.forEach(BrokerProcess::launch);
        others.forEach(BrokerProcess::awaitReady);
    }

    private static BrokerProcess node(int id, String role) {
        return BrokerProcess.named("paired-" + id)
                .role(role)
                .set("node.id", Integer.toString(id))
                .set("meta.session.timeout.ms", Integer.toString(BrokerCluster.SESSION_MS))
                .set("mqtt.ws.port", "-1");
    }

    @AfterAll
    static void stop() {
        nodes.stream().filter(BrokerProcess::isAlive).forEach(BrokerProcess::kill9);
        nodes.forEach(BrokerProcess::close);
    }

    private static String voter() {
        return nodes.get(0).kafka();
    }

    @Test
    void clientsOfAllAreServedAndGoOnWhenOneWithTheLogIsKilledAndComesBack() throws Exception {
        KafkaClients.createTopic(voter(), "orders", 4, Map.of());
        try (var admin = KafkaClients.admin(voter())) {
            // The node that is asked may not know of the topic yet.
            var described = Await.get(
                            "there is the topic",
                            Await.DEADLINE,
                            () -> Optional.of(admin.describeTopics(List.of("orders"))
                                    .allTopicNames()
                                    .get(10, TimeUnit.SECONDS)
                                    .get("orders")))
                    .partitions();
            assertThat(described).allSatisfy(partition -> assertThat(partition.replicas())
                    .extracting(Node::id)
                    .containsExactlyInAnyOrder(2, 3));
        }
        var subscriber = MqttClients.connected(nodes.get(1), "listener");
        var inbox = MqttClients.inbox(subscriber);
        MqttClients.subscribe(subscriber, "rooms/#", MqttQos.AT_LEAST_ONCE);
        var publisher = MqttClients.connected(nodes.get(0), "sensor");
        MqttClients.publish(publisher, "rooms/attic", MqttQos.EXACTLY_ONCE, "21.5");
        assertThat(MqttClients.text(MqttClients.next(inbox))).isEqualTo("21.5");
        publisher.disconnect();
        subscriber.disconnect();
        produce(0, RECORDS);
        nodes.get(2).kill9();
        produce(RECORDS, 2 * RECORDS);
        nodes.get(2).start();
        produce(2 * RECORDS, 3 * RECORDS);
        List<String> values = KafkaClients.readAll(nodes.get(2).kafka(), "orders").values().stream()
                .flatMap(List::stream)
                .map(record -> record.value())
                .toList();
        assertThat(values)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 3 * RECORDS).mapToObj(i -> "v" + i).toList());
    }

    private static void produce(int from, int to) throws Exception {
        try (var producer = KafkaClients.producer(voter(), Map.of("enable.idempotence", "true"))) {
            var sent = IntStream.range(from, to)
                    .mapToObj(i -> producer.send(new ProducerRecord<>("orders", i % 4, "k" + i, "v" + i)))
                    .toList();
            for (var each : sent) {
                assertThat(each.get().hasOffset()).isTrue();
            }
        }
    }
}
