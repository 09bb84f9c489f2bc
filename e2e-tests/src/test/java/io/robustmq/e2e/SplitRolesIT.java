package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Three processes that keep everything and two that keep nothing; clients know the two alone. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SplitRolesIT {
    private static final int STORES = 3;
    private static final int BROKERS = 2;
    private static final int PARTITIONS = 3;
    private static final int PROGRESS = 200;
    private static final int SHARED = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final List<BrokerProcess> nodes = new ArrayList<>();

    @BeforeAll
    static void start() {
        List<Integer> ports = BrokerCluster.freePorts(2 * STORES);
        String voters = addresses(ports.subList(0, STORES));
        for (int i = 0; i < STORES; i++) {
            nodes.add(node(i + 1, "meta,journal")
                    .set("meta.voters", voters)
                    .set("meta.port", ports.get(i).toString())
                    .set("journal.port", ports.get(STORES + i).toString()));
        }
        for (int i = 0; i < BROKERS; i++) {
            nodes.add(node(STORES + i + 1, "broker").set("meta.servers", addresses(ports.subList(STORES, 2 * STORES))));
        }
        nodes.forEach(BrokerProcess::launch);
        nodes.forEach(BrokerProcess::awaitReady);
    }

    private static BrokerProcess node(int id, String role) {
        return BrokerProcess.named("split-" + id)
                .role(role)
                .set("node.id", Integer.toString(id))
                .set("meta.session.timeout.ms", Integer.toString(BrokerCluster.SESSION_MS))
                .set("meta.election.timeout.ms", "500")
                .set("mqtt.ws.port", "-1");
    }

    private static String addresses(List<Integer> ports) {
        return IntStream.range(0, ports.size())
                .mapToObj(i -> (i + 1) + "@" + BrokerProcess.HOST + ":" + ports.get(i))
                .collect(Collectors.joining(","));
    }

    @AfterAll
    static void stop() {
        nodes.stream().filter(BrokerProcess::isAlive).forEach(BrokerProcess::kill9);
        nodes.forEach(BrokerProcess::close);
    }

    private static BrokerProcess broker(int index) {
        return nodes.get(STORES + index);
    }

    private static String bootstrap() {
        return Stream.of(broker(0), broker(1))
                .filter(BrokerProcess::isAlive)
                .map(BrokerProcess::kafka)
                .collect(Collectors.joining(","));
    }

    @Test
    @Order(1)
    void clientsSeeTheBrokersAloneAndAGroupReadsWhatWasCommitted() throws Exception {
        KafkaClients.createTopic(bootstrap(), "orders", PARTITIONS, Map.of());
        try (var admin = KafkaClients.admin(bootstrap())) {
            assertThat(KafkaClients.answer(admin.describeCluster().nodes()))
                    .extracting(Node::id)
                    .containsExactlyInAnyOrder(STORES + 1, STORES + 2);
        }
        try (var producer = KafkaClients.producer(bootstrap(), Map.of("transactional.id", "clerk"))) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < 30; i++) {
                var unused = producer.send(new ProducerRecord<>("orders", i % PARTITIONS, "k" + i, "kept " + i));
            }
            producer.commitTransaction();
            producer.beginTransaction();
            for (int i = 0; i < PARTITIONS; i++) {
                var unused = producer.send(new ProducerRecord<>("orders", i, "k", "given up"));
            }
            producer.abortTransaction();
        }
        Set<String> read = new HashSet<>();
        Map<String, Object> reader =
                Map.of("group.id", "readers", "auto.offset.reset", "earliest", "isolation.level", "read_committed");
        try (var consumer = KafkaClients.consumer(bootstrap(), reader)) {
            consumer.subscribe(List.of("orders"));
            Await.until("the group reads all", PATIENCE, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                return read.size() >= 30;
            });
            consumer.commitSync();
            assertThat(read).hasSize(30).allMatch(value -> value.startsWith("kept "));
        }
        try (var admin = KafkaClients.admin(bootstrap())) {
            Map<TopicPartition, OffsetAndMetadata> committed = KafkaClients.answer(
                    admin.listConsumerGroupOffsets("readers").partitionsToOffsetAndMetadata());
            assertThat(committed).hasSize(PARTITIONS);
            assertThat(KafkaClients.answer(admin.listGroups().all()))
                    .anyMatch(group -> group.groupId().equals("readers"));
        }
    }

    @Test
    @Order(2)
    void mqttClientsOfBothBrokersAndKafkaClientsShareTopics() throws Exception {
        var subscriber = MqttClients.connected(broker(0), "listener");
        var inbox = MqttClients.inbox(subscriber);
        MqttClients.subscribe(subscriber, "rooms/#", MqttQos.AT_LEAST_ONCE);
        var publisher = MqttClients.connected(broker(1), "sensor");
        MqttClients.publish(publisher, "rooms/attic", MqttQos.EXACTLY_ONCE, "21.5");
        assertThat(MqttClients.text(MqttClients.next(inbox))).isEqualTo("21.5");
        try (var producer = KafkaClients.producer(bootstrap(), Map.of())) {
            producer.send(new ProducerRecord<>("rooms", "attic", "22.0")).get();
        }
        assertThat(MqttClients.text(MqttClients.next(inbox))).isEqualTo("22.0");
        List<String> stored = KafkaClients.readAll(bootstrap(), "rooms").values().stream()
                .flatMap(List::stream)
                .map(ConsumerRecord::value)
                .toList();
        assertThat(stored).containsExactly("21.5", "22.0");
        publisher.disconnect();
        subscriber.disconnect();
    }

    @Test
    @Order(3)
    void membersOfAShareGroupAtBothBrokersGetEachRecordOnce() {
        var groups = new ShareGroups(bootstrap());
        groups.create("shared", PARTITIONS, Map.of());
        groups.produce("shared", 0, SHARED);
        List<String> read = new ArrayList<>();
        try (var one = new ShareGroups(broker(0)).member("shared", Map.of("max.poll.records", 50));
                var two = new ShareGroups(broker(1)).member("shared", Map.of("max.poll.records", 50))) {
            Await.until("both have read all", PATIENCE, () -> {
                for (var member : List.of(one, two)) {
                    member.poll(ShareGroups.POLL).forEach(record -> read.add(record.value()));
                }
                return read.size() >= SHARED;
            });
            one.commitSync();
            two.commitSync();
        }
        assertThat(read)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, SHARED).mapToObj(Integer::toString).toList());
        Await.until("all is done", PATIENCE, () -> groups.offsets("shared").values().stream()
                .allMatch(offset -> offset.lag().orElseThrow() == 0));
        try (var admin = KafkaClients.admin(bootstrap())) {
            assertThat(KafkaClients.answer(admin.describeShareGroups(List.of("shared"))
                                    .describedGroups()
                                    .get("shared"))
                            .groupId())
                    .isEqualTo("shared");
            KafkaClients.answer(admin.deleteShareGroups(List.of("shared")).all());
        }
    }

    @Test
    @Order(4)
    void anOperatorSeesProducersAndEndsATransactionByHand() throws Exception {
        KafkaClients.createTopic(bootstrap(), "hanging", 1, Map.of());
        TopicPartition partition = new TopicPartition("hanging", 0);
        try (var producer = KafkaClients.producer(bootstrap(), Map.of("transactional.id", "hung"));
                var admin = KafkaClients.admin(bootstrap())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("hanging", 0, "k", "v")).get();
            ProducerState active = KafkaClients.answer(
                            admin.describeProducers(List.of(partition)).partitionResult(partition))
                    .activeProducers()
                    .get(0);
            assertThat(active.currentTransactionStartOffset()).hasValue(0);
            KafkaClients.answer(admin.abortTransaction(new AbortTransactionSpec(
                            partition,
                            active.producerId(),
                            (short) active.producerEpoch(),
                            active.coordinatorEpoch().orElse(0)))
                    .all());
            assertThat(KafkaClients.answer(
                                    admin.describeProducers(List.of(partition)).partitionResult(partition))
                            .activeProducers())
                    .allMatch(each -> each.currentTransactionStartOffset().isEmpty());
            assertThat(KafkaClients.answer(admin.describeMetadataQuorum().quorumInfo())
                            .voters())
                    .hasSize(STORES);
        }
    }

    @Test
    @Order(5)
    void aBrokerAndAStoreThatDieCostNothingThatWasAcknowledged() throws Exception {
        KafkaClients.createTopic(bootstrap(), "loaded", PARTITIONS, Map.of("min.insync.replicas", "2"));
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap());
        config.put("reconnect.backoff.ms", 20);
        config.put("retry.backoff.ms", 20);
        config.put("retry.backoff.max.ms", 200);
        config.put("request.timeout.ms", 5_000);
        var load = new IdempotentLoad(config, "loaded");
        try (load) {
            awaitProgress(load);
            broker(0).kill9();
            awaitProgress(load);
            nodes.get(1).kill9();
            awaitProgress(load);
        }
        assertThat(load.failures()).isEmpty();
        Map<Integer, List<ConsumerRecord<String, String>>> read = KafkaClients.readAll(bootstrap(), "loaded");
        Map<String, String> byPlace = new HashMap<>();
        read.forEach((partition, records) -> records.forEach(
                record -> byPlace.put(partition + "@" + record.offset(), record.key() + "=" + record.value())));
        load.acknowledged().forEach(each -> assertThat(byPlace.get(each.partition() + "@" + each.offset()))
                .as("record of %s", each)
                .isEqualTo(each.key() + "=" + each.value()));
        assertThat(byPlace.values()).as("each once").doesNotHaveDuplicates();
    }

    private static void awaitProgress(IdempotentLoad load) {
        int target = load.acknowledgedCount() + PROGRESS;
        Await.until("the load goes on", PATIENCE, () -> {
            assertThat(load.failures()).as("sends that failed").isEmpty();
            return load.acknowledgedCount() >= target;
        });
    }
}
