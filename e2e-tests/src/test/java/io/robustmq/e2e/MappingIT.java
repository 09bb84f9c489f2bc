package io.robustmq.e2e;

import static io.robustmq.e2e.MqttClients.bytes;
import static io.robustmq.e2e.MqttClients.connected;
import static io.robustmq.e2e.MqttClients.expectSilence;
import static io.robustmq.e2e.MqttClients.inbox;
import static io.robustmq.e2e.MqttClients.next;
import static io.robustmq.e2e.MqttClients.publish;
import static io.robustmq.e2e.MqttClients.subscribe;
import static io.robustmq.e2e.MqttClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One message, two protocols: the first level of an MQTT topic names the Kafka topic, the rest is the key. */
@ExtendWith(SharedBroker.class)
class MappingIT {
    private final BrokerProcess broker;

    MappingIT(BrokerProcess broker) {
        this.broker = broker;
    }

    @Test
    void mqttPublishIsReadByKafkaWithTheFirstLevelAsTopicAndTheRestAsKey() {
        Mqtt5BlockingClient device = connected(broker, "mapping-device");
        publish(device, "sensors/room1/temp", MqttQos.AT_LEAST_ONCE, "21.5");

        ConsumerRecord<String, String> record = KafkaClients.awaitRecord(broker, "sensors", each -> true);

        assertThat(record.key()).isEqualTo("room1/temp");
        assertThat(record.value()).isEqualTo("21.5");
        device.disconnect();
    }

    @Test
    void mqttTopicOfOneLevelIsARecordWithoutAKeyInBothDirections() {
        Mqtt5BlockingClient device = connected(broker, "mapping-keyless");
        subscribe(device, "keyless", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(device);
                var producer = KafkaClients.producer(broker, Map.of())) {
            publish(device, "keyless", MqttQos.AT_LEAST_ONCE, "from mqtt");
            assertThat(text(next(inbox))).isEqualTo("from mqtt");
            assertThat(KafkaClients.awaitRecord(broker, "keyless", each -> true).key())
                    .isNull();

            send(producer, new ProducerRecord<>("keyless", "from kafka"));
            var received = next(inbox);
            assertThat(text(received)).isEqualTo("from kafka");
            assertThat(received.getTopic()).hasToString("keyless");
        }
        device.disconnect();
    }

    @Test
    void kafkaRecordReachesTheMqttSubscriberOfItsTopicAndKey() {
        Mqtt5BlockingClient device = connected(broker, "mapping-fleet");
        subscribe(device, "fleet/+/cmd", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(device);
                var producer = KafkaClients.producer(broker, Map.of())) {
            send(producer, new ProducerRecord<>("fleet", "dev7/state", "not subscribed"));
            send(producer, new ProducerRecord<>("fleet", "dev7/cmd", "reboot"));

            var received = next(inbox);

            assertThat(received.getTopic()).hasToString("fleet/dev7/cmd");
            assertThat(text(received)).isEqualTo("reboot");
            assertThat(received.getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
            expectSilence(inbox);
        }
        device.disconnect();
    }

    @Test
    void userPropertiesAreRecordHeadersInOrderAndWithRepeats() {
        Mqtt5BlockingClient device = connected(broker, "mapping-properties");
        device.publishWith()
                .topic("props/up")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes("x"))
                .userProperties()
                .add("trace", "1")
                .add("unit", "C")
                .add("trace", "2")
                .applyUserProperties()
                .send();

        Headers headers = KafkaClients.awaitRecord(broker, "props", each -> "up".equals(each.key()))
                .headers();

        assertThat(plain(headers)).containsExactly("trace=1", "unit=C", "trace=2");
        device.disconnect();
    }

    @Test
    void recordHeadersAreUserPropertiesInOrderAndWithRepeats() {
        Mqtt5BlockingClient device = connected(broker, "mapping-headers");
        subscribe(device, "props/down", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(device);
                var producer = KafkaClients.producer(broker, Map.of())) {
            var record = new ProducerRecord<>("props", "down", "x");
            record.headers().add("a", bytes("1")).add("b", bytes("2")).add("a", bytes("3"));
            send(producer, record);

            assertThat(next(inbox).getUserProperties().asList())
                    .extracting(property -> property.getName() + "=" + property.getValue())
                    .containsExactly("a=1", "b=2", "a=3");
        }
        device.disconnect();
    }

    @Test
    void publishPropertiesSurviveTheWayThroughTheLog() {
        Mqtt5BlockingClient device = connected(broker, "mapping-request");
        subscribe(device, "requests/#", MqttQos.EXACTLY_ONCE);
        try (var inbox = inbox(device)) {
            device.publishWith()
                    .topic("requests/one")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(bytes("{}"))
                    .contentType("application/json")
                    .responseTopic("answers/one")
                    .correlationData(bytes("id-1"))
                    .messageExpiryInterval(600)
                    .send();

            var received = next(inbox);

            assertThat(received.getQos()).isEqualTo(MqttQos.EXACTLY_ONCE);
            assertThat(received.getContentType().orElseThrow()).hasToString("application/json");
            assertThat(received.getResponseTopic().orElseThrow()).hasToString("answers/one");
            assertThat(received.getCorrelationData().orElseThrow().duplicate())
                    .isEqualTo(ByteBuffer.wrap(bytes("id-1")));
            assertThat(received.getMessageExpiryInterval().orElseThrow()).isBetween(1L, 600L);
        }
        device.disconnect();
    }

    @Test
    void emptyPayloadIsAnEmptyValueAndNeverNull() {
        Mqtt5BlockingClient device = connected(broker, "mapping-empty");
        device.publishWith().topic("empties/e").qos(MqttQos.AT_LEAST_ONCE).send();

        assertThat(KafkaClients.awaitRecord(broker, "empties", each -> true).value())
                .isEmpty();
        device.disconnect();
    }

    @Test
    void topicWithAnEmptyFirstLevelGoesToTheCatchAllTopicAndComesBackUnchanged() {
        Mqtt5BlockingClient device = connected(broker, "mapping-catch-all");
        subscribe(device, "/hall/+", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(device)) {
            publish(device, "/hall/light", MqttQos.AT_LEAST_ONCE, "on");

            assertThat(next(inbox).getTopic()).hasToString("/hall/light");
            var record = KafkaClients.awaitRecord(broker, "mqtt", each -> "/hall/light".equals(each.key()));
            assertThat(record.headers().lastHeader("mqtt.topic")).isNotNull();
        }
        device.disconnect();
    }

    @Test
    void bothProtocolsPutAKeyInTheSamePartition() {
        KafkaClients.createTopic(broker, "spread", 6);
        Mqtt5BlockingClient device = connected(broker, "mapping-spread");
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            for (int i = 0; i < 20; i++) {
                publish(device, "spread/key/" + i, MqttQos.AT_LEAST_ONCE, "mqtt");
                send(producer, new ProducerRecord<>("spread", "key/" + i, "kafka"));
            }
        }
        var partitions = KafkaClients.readAll(broker, "spread");

        for (int i = 0; i < 20; i++) {
            String key = "key/" + i;
            var values = new ArrayList<String>();
            partitions.forEach((partition, records) -> records.stream()
                    .filter(record -> key.equals(record.key()))
                    .forEach(record -> values.add(partition + ":" + record.value())));
            assertThat(values).hasSize(2);
            String partition = values.get(0).replaceAll(":.*", "");
            assertThat(values).containsExactly(partition + ":mqtt", partition + ":kafka");
        }
        assertThat(partitions.values())
                .filteredOn(records -> !records.isEmpty())
                .hasSizeGreaterThan(1);
        device.disconnect();
    }

    private static RecordMetadata send(KafkaProducer<String, String> producer, ProducerRecord<String, String> record) {
        return KafkaClients.answer(producer.send(record));
    }

    /** The headers that are not the broker's own, as {@code name=value}. */
    private static List<String> plain(Headers headers) {
        var plain = new ArrayList<String>();
        for (Header header : headers) {
            if (!header.key().startsWith("mqtt.")) {
                plain.add(header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return plain;
    }
}
