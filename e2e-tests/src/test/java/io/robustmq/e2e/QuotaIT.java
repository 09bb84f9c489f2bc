package io.robustmq.e2e;

import static io.robustmq.e2e.KafkaClients.answer;
import static io.robustmq.e2e.KafkaClients.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients over their quota, as their own metrics have it. */
class QuotaIT {
    private static final String TOPIC = "quotas";
    private static final double RATE = 200_000;
    /** Half as much again as may be used at once: one record is over the quota, however slow the machine. */
    private static final int RECORD_BYTES = 300_000;

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("quotas")
                .set("quota.window.num", "2")
                .set("group.initial.rebalance.delay.ms", "0")
                .start();
        KafkaClients.createTopic(broker, TOPIC, 1);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void clientsMeasureThatTheyAreThrottledAndOthersThatTheyAreNot() {
        try (var admin = KafkaClients.admin(broker)) {
            set(admin, clientId("slow"), "producer_byte_rate", RATE);
            set(admin, clientId("slow"), "consumer_byte_rate", RATE);
        }
        assertThat(produce("fast")).isZero();
        assertThat(produce("slow")).isPositive();
        assertThat(consume("fast")).isZero();
        assertThat(consume("slow")).isPositive();
    }

    @Test
    void quotasAreThereAfterAKill() {
        Map<ClientQuotaEntity, Map<String, Double>> limits = Map.of(
                clientId("kept"),
                Map.of("producer_byte_rate", RATE, "request_percentage", 12.5),
                new ClientQuotaEntity(defaultOf(ClientQuotaEntity.USER)),
                Map.of("consumer_byte_rate", 1e9),
                new ClientQuotaEntity(Map.of(ClientQuotaEntity.IP, "127.0.0.9")),
                Map.of("connection_creation_rate", 5.0));
        try (var admin = KafkaClients.admin(broker)) {
            limits.forEach((entity, values) -> values.forEach((key, value) -> set(admin, entity, key, value)));
        }
        broker.kill9();
        broker.start();
        try (var admin = KafkaClients.admin(broker)) {
            assertThat(answer(
                            admin.describeClientQuotas(ClientQuotaFilter.all()).entities()))
                    .containsAllEntriesOf(limits);
            limits.forEach((entity, values) -> values.forEach((key, value) -> set(admin, entity, key, null)));
            assertThat(answer(
                            admin.describeClientQuotas(ClientQuotaFilter.all()).entities()))
                    .doesNotContainKeys(limits.keySet().toArray(ClientQuotaEntity[]::new));
        }
    }

    @Test
    void changesOfTopicsBeyondTheRateAreRefusedUntilTheyMayBeMade() {
        var limited = Map.<String, Object>of("bootstrap.servers", broker.kafka(), "client.id", "changing");
        try (var admin = KafkaClients.admin(broker);
                var changing = Admin.create(limited)) {
            set(admin, clientId("changing"), "controller_mutation_rate", 1.0);
            var first = Set.of(new NewTopic("quotas-first", 8, (short) 1));
            var second = Set.of(new NewTopic("quotas-second", 1, (short) 1));
            answer(changing.createTopics(first).all());
            assertThat(refusal(changing.createTopics(second, new CreateTopicsOptions().retryOnQuotaViolation(false))
                            .all()))
                    .isInstanceOf(ThrottlingQuotaExceededException.class);
            answer(changing.createTopics(second).all());
        }
    }

    /** The longest pause in milliseconds that the client was told to make. */
    private static double produce(String clientId) {
        try (var producer =
                KafkaClients.producer(broker, Map.of("client.id", clientId, "batch.size", 2 * RECORD_BYTES))) {
            answer(producer.send(new ProducerRecord<>(TOPIC, "k", "v".repeat(RECORD_BYTES))));
            return metric(producer.metrics(), "produce-throttle-time-max");
        }
    }

    private static double consume(String clientId) {
        Map<String, Object> config = Map.of("client.id", clientId, "group.id", clientId, "max.poll.records", 10_000);
        try (var consumer = KafkaClients.consumer(broker, config)) {
            consumer.subscribe(List.of(TOPIC));
            int[] read = {0};
            Await.until("all is read", () -> {
                read[0] += consumer.poll(Duration.ofMillis(100)).count();
                return read[0] >= 2;
            });
            return metric(consumer.metrics(), "fetch-throttle-time-max");
        }
    }

    private static double metric(Map<MetricName, ? extends Metric> metrics, String name) {
        return metrics.entrySet().stream()
                .filter(each -> each.getKey().name().equals(name))
                .mapToDouble(each -> (double) each.getValue().metricValue())
                .filter(value -> !Double.isNaN(value))
                .max()
                .orElse(0);
    }

    private static void set(Admin admin, ClientQuotaEntity entity, String key, @Nullable Double value) {
        var change = new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op(key, value)));
        answer(admin.alterClientQuotas(List.of(change)).all());
    }

    private static ClientQuotaEntity clientId(String name) {
        return new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, name));
    }

    private static Map<String, String> defaultOf(String type) {
        var entity = new HashMap<String, String>();
        entity.put(type, null);
        return entity;
    }
}
