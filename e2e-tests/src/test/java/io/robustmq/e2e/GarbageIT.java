package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random bytes on every port: whoever sent them is cut off, everyone else is served. */
@ExtendWith(SharedBroker.class)
class GarbageIT {
    private static final long SEED = Long.getLong("robustmq.garbage.seed", 1_883_9092L);
    private static final int STRINGS = Integer.getInteger("robustmq.garbage.strings", 50_000);
    private static final int STRINGS_PER_CONNECTION = 25;
    private static final int ANSWER_TIMEOUT_MS = 20_000;

    private final BrokerProcess broker;

    GarbageIT(BrokerProcess broker) {
        this.broker = broker;
    }

    @ParameterizedTest
    @EnumSource(
            value = Endpoint.class,
            names = {"KAFKA", "MQTT", "MQTT_WS", "ADMIN"})
    void brokerOutlivesRandomBytesAndServesTheNextClientOfEachProtocol(Endpoint endpoint) throws IOException {
        System.out.println("garbage for " + endpoint + ", robustmq.garbage.seed=" + SEED);
        var garbage = new Garbage(new Random(SEED + endpoint.key.hashCode()));
        for (int sent = 0; sent < STRINGS; sent += STRINGS_PER_CONNECTION) {
            throwAt(endpoint, garbage.next(endpoint, STRINGS_PER_CONNECTION), sent);
        }

        assertThat(broker.isAlive()).as("alive after seed %s", SEED).isTrue();
        assertServesKafka(endpoint);
        assertServesMqtt(endpoint);
        assertServesWebSocket(endpoint);
        assertThat(broker.get("/health/ready").statusCode()).isEqualTo(200);
        broker.assertNoBugInTheLog();
    }

    /** Sends the bytes and reads until the broker closes, which it must do when no more comes. */
    private void throwAt(Endpoint endpoint, byte[] bytes, int sent) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port(endpoint))) {
            socket.setSoTimeout(ANSWER_TIMEOUT_MS);
            try {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (SocketTimeoutException e) {
                throw new AssertionError("the broker keeps a dead connection, after " + sent + " strings", e);
            } catch (SocketException e) {
                // Reset: the broker closed before it had read everything, as it should.
                assertThat(broker.isAlive()).as("alive after %s strings", sent).isTrue();
            }
        }
    }

    private void assertServesKafka(Endpoint after) {
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            KafkaClients.answer(producer.send(new ProducerRecord<>("after-garbage", after.name(), "served")));
        }
        KafkaClients.awaitRecord(broker, "after-garbage", record -> after.name().equals(record.key()));
    }

    private void assertServesMqtt(Endpoint after) {
        var client = MqttClients.connected(broker, "after-garbage-" + after);
        MqttClients.subscribe(client, "after-garbage/mqtt", MqttQos.AT_LEAST_ONCE);
        try (var inbox = MqttClients.inbox(client)) {
            MqttClients.publish(client, "after-garbage/mqtt", MqttQos.AT_LEAST_ONCE, "served");
            assertThat(MqttClients.text(MqttClients.next(inbox))).isEqualTo("served");
        }
        client.disconnect();
    }

    private void assertServesWebSocket(Endpoint after) {
        var client = MqttClient.builder()
                .useMqttVersion5()
                .identifier("after-garbage-ws-" + after)
                .serverHost(BrokerProcess.HOST)
                .serverPort(broker.port(Endpoint.MQTT_WS))
                .webSocketConfig()
                .serverPath("mqtt")
                .applyWebSocketConfig()
                .buildBlocking();
        client.connect();
        MqttClients.publish(client, "after-garbage/ws", MqttQos.AT_LEAST_ONCE, "served");
        client.disconnect();
    }
}
