package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A topic with {@code storage=memory} is empty after its process, and clients go on: no offset comes twice. */
class MemoryTopicIT {
    private static final String TOPIC = "fleeting";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final int RECORDS = 100;

    @Test
    void clientsGoOnWhenTheBrokerIsKilledAndWhenItStops() {
        Queue<String> received = new ConcurrentLinkedQueue<>();
        try (var broker = BrokerProcess.named("memory-topic").start()) {
            KafkaClients.createTopic(broker, TOPIC, 1, Map.of("storage", "memory"));
            var subscriber = MqttClients.reconnecting(broker, "subscriber");
            subscriber.publishes(MqttGlobalPublishFilter.ALL, publish -> received.add(MqttClients.text(publish)));
            MqttClients.connectForAnHour(subscriber);
            subscriber
                    .subscribeWith()
                    .topicFilter(TOPIC + "/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send()
                    .join();
            List<String> seen = new ArrayList<>();
            try (var producer = KafkaClients.producer(broker, Map.of());
                    var reader = KafkaClients.consumer(broker, Map.of())) {
                reader.assign(List.of(PARTITION));
                assertThat(produce(producer, "before")).isEqualTo(RECORDS - 1);
                commit(broker, RECORDS / 2);
                Await.until("all are published", () -> received.size() == RECORDS);
                read(reader, seen, RECORDS);
                broker.kill9();
                broker.start();
                // The same producer, whose numbers nobody knows any more.
                long killed = produce(producer, "killed");
                assertThat(killed).isGreaterThan(2 * RECORDS);
                assertThat(consume(broker)).containsExactlyElementsOf(values("killed"));
                read(reader, seen, 2 * RECORDS);
                Await.until("all are published again", () -> received.size() == 2 * RECORDS);
                assertThat(broker.stop()).isZero();
                broker.start();
                assertThat(produce(producer, "stopped")).isEqualTo(killed + RECORDS);
                assertThat(consume(broker)).containsExactlyElementsOf(values("stopped"));
                read(reader, seen, 3 * RECORDS);
            }
            MqttClients.publish(
                    MqttClients.connected(broker, "publisher"), TOPIC + "/t", MqttQos.AT_LEAST_ONCE, "by mqtt");
            Await.until("what is published arrives", () -> received.contains("by mqtt"));
            List<String> expected = new ArrayList<>(values("before"));
            expected.addAll(values("killed"));
            expected.addAll(values("stopped"));
            assertThat(seen).containsExactlyElementsOf(expected);
            expected.add("by mqtt");
            assertThat(received).containsExactlyElementsOf(expected);
            subscriber.disconnect().join();
        }
    }

    /** The offset of the last. */
    private static long produce(KafkaProducer<String, String> producer, String what) {
        long last = -1;
        for (String value : values(what)) {
            long offset = KafkaClients.answer(producer.send(new ProducerRecord<>(TOPIC, 0, "k", value)))
                    .offset();
            assertThat(offset).isGreaterThan(last);
            last = offset;
        }
        return last;
    }

    private static List<String> values(String what) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            values.add(what + " " + i);
        }
        return values;
    }

    private static void commit(BrokerProcess broker, long offset) {
        try (var consumer = group(broker)) {
            consumer.assign(List.of(PARTITION));
            consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(offset)));
        }
    }

    /** From what the group has committed, which is gone: from the beginning of what is there. */
    private static List<String> consume(BrokerProcess broker) {
        List<String> values = new ArrayList<>();
        try (var consumer = group(broker)) {
            consumer.assign(List.of(PARTITION));
            read(consumer, values, RECORDS);
        }
        return values;
    }

    private static void read(KafkaConsumer<String, String> consumer, List<String> values, int count) {
        Await.until("all are consumed", () -> {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                values.add(record.value());
            }
            return values.size() >= count;
        });
    }

    private static KafkaConsumer<String, String> group(BrokerProcess broker) {
        return KafkaClients.consumer(broker, Map.of("group.id", "readers"));
    }
}
