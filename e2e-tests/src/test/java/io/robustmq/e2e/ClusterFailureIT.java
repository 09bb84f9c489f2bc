package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RetriableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** How the death of a node is noticed, and what one does that only seemed dead. */
class ClusterFailureIT {
    private static final String TOPIC = "t";
    /** Nobody who is only silent is taken for dead as long as a test waits. */
    private static final String LONG_MS = "120000";
    /** A process that stands still takes questions, and answers none: clients must soon ask another. */
    private static final int IMPATIENCE_MS = 1_500;

    private BrokerCluster cluster;
    private Admin admin;

    @AfterEach
    void close() {
        admin.close();
        cluster.close();
    }

    @Test
    void aProcessThatDiesIsNoticedByItsConnections() {
        start("noticed", LONG_MS);
        int metadataLeader =
                KafkaClients.answer(admin.describeMetadataQuorum().quorumInfo()).leaderId();
        int other = metadataLeader == 1 ? 2 : 1;
        killAndAwaitLeader(other);
        cluster.start(other);
        cluster.awaitInSync(admin, List.of(TOPIC));
        killAndAwaitLeader(
                KafkaClients.answer(admin.describeMetadataQuorum().quorumInfo()).leaderId());
    }

    private void killAndAwaitLeader(int victim) {
        int partition = partitionLedBy(victim);
        cluster.kill9(victim);
        long killed = System.nanoTime();
        awaitAnotherLeader(partition, victim);
        System.out.println("node " + victim + " dead, another leader after "
                + Duration.ofNanos(System.nanoTime() - killed).toMillis() + " ms");
    }

    @Test
    @DisabledIfSystemProperty(
            named = BrokerCluster.SPLIT,
            matches = "true",
            disabledReason = "a broker apart passes on what it was sent to whoever leads by then")
    void aProcessThatStoodStillAcknowledgesNothingWhenItWakes() {
        start("paused", Integer.toString(BrokerCluster.SESSION_MS));
        Map<String, Object> impatient =
                Map.of("acks", "1", "retries", 0, "enable.idempotence", false, "request.timeout.ms", 60_000);
        try (var producer = KafkaClients.producer(cluster.bootstrap(), impatient);
                var safe = KafkaClients.producer(
                        cluster.bootstrap(), Map.of("acks", "all", "request.timeout.ms", IMPATIENCE_MS))) {
            KafkaClients.answer(producer.send(record("before")));
            // What one node alone has acknowledged may go with it.
            KafkaClients.answer(safe.send(record("replicated")));
            int victim = leaderKnownTo(producer, 0);
            cluster.store(victim).pause();
            // It is in the socket of who cannot read it now.
            Future<RecordMetadata> lost = producer.send(record("lost"));
            awaitAnotherLeader(0, victim);
            assertThat(lost).isNotDone();
            KafkaClients.answer(safe.send(record("after")));
            cluster.store(victim).goOn();
            assertThat(KafkaClients.refusal(lost)).isInstanceOf(RetriableException.class);
            cluster.awaitInSync(admin, List.of(TOPIC));
            KafkaClients.answer(safe.send(record("all")));
        }
        assertThat(KafkaClients.readAll(cluster.bootstrap(), TOPIC).get(0))
                .extracting(each -> each.value())
                .containsExactly("before", "replicated", "after", "all");
    }

    /** Where it will send to, whoever leads by now. */
    private static int leaderKnownTo(Producer<String, String> producer, int partition) {
        return producer.partitionsFor(TOPIC).stream()
                .filter(each -> each.partition() == partition)
                .findFirst()
                .orElseThrow()
                .leader()
                .id();
    }

    private static ProducerRecord<String, String> record(String value) {
        return new ProducerRecord<>(TOPIC, 0, null, value);
    }

    private void start(String name, String sessionTimeoutMs) {
        cluster = BrokerCluster.start(
                name, 3, Map.of("meta.session.timeout.ms", sessionTimeoutMs, "meta.election.timeout.ms", "1000"));
        admin = Admin.create(Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "request.timeout.ms",
                IMPATIENCE_MS,
                "default.api.timeout.ms",
                25_000));
        KafkaClients.createTopic(cluster.bootstrap(), TOPIC, 3, Map.of());
        cluster.awaitInSync(admin, List.of(TOPIC));
    }

    private int partitionLedBy(int node) {
        return Await.get("node " + node + " leads", BrokerCluster.BALANCED_DEADLINE, () -> Stream.of(0, 1, 2)
                .filter(partition -> cluster.leaderOf(admin, TOPIC, partition) == node)
                .findFirst());
    }

    private void awaitAnotherLeader(int partition, int victim) {
        int other = victim % 3 + 1;
        Await.until("another leader", () -> {
            int leader = cluster.leaderSeenBy(other, TOPIC, partition);
            return leader != victim && leader >= 0;
        });
    }
}
