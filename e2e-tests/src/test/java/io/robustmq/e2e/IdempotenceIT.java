package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the broker knows of a producer survives the broker. */
class IdempotenceIT {
    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("idempotence").start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void producerGoesOnOverAKillWithoutLossOrDuplicate() {
        KafkaClients.createTopic(broker, "goes-on", 1);
        var overrides = Map.of("enable.idempotence", true, "delivery.timeout.ms", 120_000);
        try (var producer = KafkaClients.producer(broker, overrides)) {
            var answers = new ArrayList<Future<RecordMetadata>>();
            for (int round = 0; round < 3; round++) {
                send(producer, round * 200, answers);
                broker.kill9();
                // In a thread of its own: without any broker the client forgets its metadata, and send() waits for one.
                int from = round * 200 + 100;
                var sentMeanwhile = CompletableFuture.runAsync(() -> send(producer, from, answers));
                broker.start();
                KafkaClients.answer(sentMeanwhile);
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(KafkaClients.answer(answers.get(i)).offset()).isEqualTo(i);
            }
        }

        assertThat(TopicLog.of(broker, "goes-on").valuesByKey().get("k"))
                .isEqualTo(IntStream.range(0, 600).mapToObj(Integer::toString).toList());
    }

    private static void send(KafkaProducer<String, String> producer, int from, List<Future<RecordMetadata>> answers) {
        for (int i = from; i < from + 100; i++) {
            answers.add(producer.send(new ProducerRecord<>("goes-on", "k", Integer.toString(i))));
        }
    }

    @Test
    void batchSentAgainAfterAKillIsAnsweredWithItsFirstOffsetAndNotStoredAgain() {
        KafkaClients.createTopic(broker, "again", 1);
        var wire = new KafkaWire(broker);
        var producer = wire.initProducerId();
        var first = wire.produce("again", producer, 0, List.of("a", "b", "c"));
        assertThat(first.errorCode()).isZero();
        assertThat(first.baseOffset()).isZero();
        wire.close();

        broker.kill9();
        broker.start();

        try (var later = new KafkaWire(broker)) {
            var again = later.produce("again", producer, 0, List.of("a", "b", "c"));
            assertThat(Errors.forCode(again.errorCode())).isEqualTo(Errors.NONE);
            assertThat(again.baseOffset()).isZero();

            var gap = later.produce("again", producer, 7, List.of("h"));
            assertThat(Errors.forCode(gap.errorCode())).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);

            var next = later.produce("again", producer, 3, List.of("d"));
            assertThat(Errors.forCode(next.errorCode())).isEqualTo(Errors.NONE);
            assertThat(next.baseOffset()).isEqualTo(3);
        }
        assertThat(TopicLog.of(broker, "again").size()).isEqualTo(4);
    }

    @Test
    void producerIdsAreNeverGivenTwiceAcrossKills() {
        var ids = new ArrayList<Long>();
        for (int round = 0; round < 3; round++) {
            try (var wire = new KafkaWire(broker)) {
                ids.add(wire.initProducerId().producerId);
                ids.add(wire.initProducerId().producerId);
            }
            broker.kill9();
            broker.start();
        }
        assertThat(ids).doesNotHaveDuplicates();
    }
}
