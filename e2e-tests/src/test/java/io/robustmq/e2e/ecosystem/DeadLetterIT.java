package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.ecosystem.DeadLetters.Letter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What share groups give up is in their dead letter queues (KIP-1191), as Apache Kafka has it there. */
class DeadLetterIT {
    private static final String CREATES = "errors.deadletterqueue.auto.create.topics.enable";
    private static final String QUEUE = "errors.deadletterqueue.topic.name";
    private static final String COPIES = "errors.deadletterqueue.copy.record.enable";

    private static BrokerProcess broker;
    private static DeadLetters letters;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("dead-letters")
                .set("group.share.heartbeat.interval.ms", "200")
                .set("group.share.assignment.interval.ms", "0")
                .set(CREATES, "true")
                .start();
        letters = new DeadLetters(broker.kafka());
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void rejectedAndExhaustedRecordsAreCopiedWithAllThatTheyHad() {
        letters.create("orders", 1, Map.of(QUEUE, "dlq.orders", COPIES, "true", "share.delivery.count.limit", "2"));
        var rejected = new ProducerRecord<>("orders", "2", "REJECT b");
        rejected.headers().add("trace", "t-1".getBytes(StandardCharsets.UTF_8));
        letters.produce(List.of(
                new ProducerRecord<>("orders", "0", "ACCEPT"),
                new ProducerRecord<>("orders", "1", "RELEASE a"),
                rejected));

        letters.consume("orders");

        assertThat(letters.letters("dlq.orders"))
                .containsExactlyInAnyOrder(
                        new Letter(
                                0,
                                "1",
                                "RELEASE a",
                                List.of(
                                        "__dlq.errors.topic=orders",
                                        "__dlq.errors.partition=0",
                                        "__dlq.errors.offset=1",
                                        "__dlq.errors.group=orders",
                                        "__dlq.errors.delivery.count=2",
                                        "__dlq.errors.message=Offset delivery count exceeded the threshold.")),
                        new Letter(
                                0,
                                "2",
                                "REJECT b",
                                List.of(
                                        "trace=t-1",
                                        "__dlq.errors.topic=orders",
                                        "__dlq.errors.partition=0",
                                        "__dlq.errors.offset=2",
                                        "__dlq.errors.group=orders",
                                        "__dlq.errors.delivery.count=1",
                                        "__dlq.errors.message=Offset rejected by client.")));
    }

    @Test
    void topicThatTakesNoLettersGetsNoneAndTheGroupGoesOn() {
        letters.createTopic("dlq.closed", 1, Map.of());
        letters.create("closed", 1, Map.of(QUEUE, "dlq.closed"));
        letters.create("elsewhere", 1, Map.of(QUEUE, "payments"));
        letters.produce(List.of(
                new ProducerRecord<>("closed", "0", "REJECT"), new ProducerRecord<>("elsewhere", "0", "REJECT")));

        letters.consume("closed");
        letters.consume("elsewhere");

        assertThat(letters.letters("dlq.closed")).isEmpty();
        try (var admin = KafkaClients.admin(broker)) {
            assertThat(KafkaClients.answer(admin.listTopics().names())).doesNotContain("payments");
        }
    }

    @Test
    void internalTopicIsNoDeadLetterQueue() {
        var group = new ConfigResource(ConfigResource.Type.GROUP, "inner");
        var change = new AlterConfigOp(new ConfigEntry(QUEUE, "__consumer_offsets"), AlterConfigOp.OpType.SET);
        try (var admin = KafkaClients.admin(broker)) {
            assertThat(KafkaClients.refusal(admin.incrementalAlterConfigs(Map.of(group, List.of(change)))
                            .all()))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("must not start with '__'");
        }
    }

    /** Records without headers: of those that there are, Apache Kafka 4.4.0 copies none. */
    @Test
    @EnabledIfSystemProperty(named = "robustmq.full", matches = "true")
    void lettersAreThoseOfApacheKafka() throws IOException {
        try (var kafka = ApacheKafka.start(
                "apache-kafka-letters",
                CREATES + "=true",
                "group.share.heartbeat.interval.ms=500",
                "group.share.min.heartbeat.interval.ms=500",
                "group.share.assignment.interval.ms=0",
                "num.partitions=1")) {
            var theirs = new DeadLetters("127.0.0.1:" + kafka.port());
            assertThat(compared(letters)).isEqualTo(compared(theirs));
        }
    }

    private static List<Letter> compared(DeadLetters broker) {
        broker.createTopic("dlq.compared", 2, Map.of("errors.deadletterqueue.group.enable", "true"));
        var limit = Map.entry("share.delivery.count.limit", "2");
        broker.create("copied", 3, Map.ofEntries(limit, Map.entry(QUEUE, "dlq.compared"), Map.entry(COPIES, "true")));
        broker.create("told", 1, Map.ofEntries(limit, Map.entry(QUEUE, "dlq.compared")));
        broker.create("made", 1, Map.ofEntries(limit, Map.entry(QUEUE, "dlq.made"), Map.entry(COPIES, "true")));
        for (int partition = 0; partition < 3; partition++) {
            broker.produce(List.of(
                    new ProducerRecord<>("copied", partition, null, "REJECT 1"),
                    new ProducerRecord<>("copied", partition, "k", "ACCEPT 2"),
                    new ProducerRecord<>("copied", partition, "k", "REJECT 3")));
        }
        broker.produce(List.of(
                new ProducerRecord<>("told", "k", "REJECT 1"),
                new ProducerRecord<>("told", "k", "RELEASE 2"),
                new ProducerRecord<>("made", null, "RELEASE 1")));
        List.of("copied", "told", "made").forEach(broker::consume);
        return Stream.of("dlq.compared", "dlq.made")
                .flatMap(topic -> broker.letters(topic).stream())
                .sorted(Comparator.comparing(Letter::toString))
                .toList();
    }
}
