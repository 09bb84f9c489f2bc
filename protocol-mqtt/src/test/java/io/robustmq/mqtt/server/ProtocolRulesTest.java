package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProtocolRulesTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of("mqtt.receive.max", "2", "mqtt.packet.bytes.max", "300"));
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private static void isDisconnect(RawClient client, int reason) throws Exception {
        byte[] packet = client.packet();
        assertThat(packet).as("a DISCONNECT").hasSizeGreaterThan(2);
        assertThat(packet[0] & 0xFF).isEqualTo(0xE0);
        assertThat(packet[2] & 0xFF).isEqualTo(reason);
        assertThat(client.packet()).as("then the end").isEmpty();
    }

    @Test
    @Statement("MQTT-4.13.2-1")
    void moreThanReceiveMaximumIsRefused() throws Exception {
        try (RawClient client = new RawClient(broker.port()).connect("c")) {
            for (int id = 1; id <= 2; id++) {
                client.send(0x34, 7, 0, 1, 'q', 0, id, 0, 'x');
                assertThat(client.packet()).containsExactly(0x50, 2, 0, id);
            }
            client.send(0x3C, 7, 0, 1, 'q', 0, 2, 0, 'x');
            assertThat(client.packet()).as("a repetition is no further message").containsExactly(0x50, 2, 0, 2);
            client.send(0x34, 7, 0, 1, 'q', 0, 3, 0, 'x');
            isDisconnect(client, Reasons.RECEIVE_MAXIMUM_EXCEEDED);
        }
    }

    @Test
    void aClientOfMqtt3IsReadLaterAsItKnowsOfNoReceiveMaximum() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.connect3("c", 2);
            for (int qos = 1; qos <= 2; qos++) {
                for (int id = 1; id <= 20; id++) {
                    client.publish(qos << 1, "q", id, "x");
                }
                for (int id = 1; id <= 20; id++) {
                    assertThat(client.packet()).containsExactly(qos == 1 ? 0x40 : 0x50, 2, 0, id);
                }
            }
            for (int id = 1; id <= 20; id++) {
                assertThat(client.ack(PacketWriter.PUBREL, id).packet()).containsExactly(0x70, 2, 0, id);
            }
            assertThat(client.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(
            value = {"MQTT-4.3.3-8", "MQTT-4.3.3-10", "MQTT-4.3.3-11"},
            v3 = "MQTT-4.3.3-2")
    void aRepeatedQos2PublishIsAcknowledgedButStoredOnce() throws Exception {
        try (RawClient client = new RawClient(broker.port()).connect("c");
                RawClient watcher = new RawClient(broker.port()).connect("w")) {
            watcher.send(0x82, 7, 0, 1, 0, 0, 1, 'q', 0);
            assertThat(watcher.packet()[0] & 0xFF).isEqualTo(0x90);
            client.send(0x34, 7, 0, 1, 'q', 0, 9, 0, 'x').send(0x3C, 7, 0, 1, 'q', 0, 9, 0, 'x');
            assertThat(client.packet()).containsExactly(0x50, 2, 0, 9);
            assertThat(client.packet()).containsExactly(0x50, 2, 0, 9);
            client.send(0x62, 2, 0, 9);
            assertThat(client.packet()).containsExactly(0x70, 2, 0, 9);
            client.send(0x62, 2, 0, 9);
            assertThat(client.packet()).as("no such packet id").containsExactly(0x70, 3, 0, 9, 0x92);
            client.send(0x30, 5, 0, 1, 'q', 0, 'y');
            assertThat(watcher.packet()).containsExactly(0x30, 5, 0, 1, 'q', 0, 'x');
            assertThat(watcher.packet()).containsExactly(0x30, 5, 0, 1, 'q', 0, 'y');
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.0-2", "MQTT-4.13.1-1", "MQTT-3.14.4-1", "MQTT-3.14.4-2"},
            v3 = "MQTT-3.1.0-2")
    void aSecondConnectAndTooLargePacketsEndTheConnection() throws Exception {
        try (RawClient client = new RawClient(broker.port()).connect("c")) {
            client.send(0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 1, 'c');
            isDisconnect(client, Reasons.PROTOCOL_ERROR);
        }
        try (RawClient client = new RawClient(broker.port()).connect("c")) {
            client.send(0x30, 0xFF, 0x7F, 0, 1, 'q');
            isDisconnect(client, Reasons.PACKET_TOO_LARGE);
        }
    }

    @Test
    @Statement(
            value = {"MQTT-4.12.0-1", "MQTT-4.12.0-4", "MQTT-3.2.2-7", "MQTT-3.2.2-8"},
            v3 = "MQTT-3.1.2-2")
    void enhancedAuthenticationAndOldProtocolsAreRefusedInConnack() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.send(0x10, 18, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 4, 0x15, 0, 1, 'S', 0, 1, 'c');
            assertThat(client.packet()[3] & 0xFF).isEqualTo(Reasons.BAD_AUTHENTICATION_METHOD);
            assertThat(client.packet()).isEmpty();
        }
        try (RawClient client = new RawClient(broker.port())) {
            client.send(0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 9, 2, 0, 0, 0, 1, 'c');
            assertThat(client.packet()).containsExactly(0x20, 2, 0, 1);
            assertThat(client.packet()).isEmpty();
        }
    }

    @Test
    @Statement({"MQTT-3.3.2-12", "MQTT-3.1.2-27"})
    void topicAliasesAreResolvedAndBounded() throws Exception {
        try (RawClient client = new RawClient(broker.port()).connect("c")) {
            client.send(0x82, 7, 0, 1, 0, 0, 1, 'q', 0);
            assertThat(client.packet()[0] & 0xFF).isEqualTo(0x90);
            client.send(0x30, 8, 0, 1, 'q', 3, 0x23, 0, 5, 'x').send(0x30, 7, 0, 0, 3, 0x23, 0, 5, 'y');
            assertThat(client.packet()).containsExactly(0x30, 5, 0, 1, 'q', 0, 'x');
            assertThat(client.packet()).containsExactly(0x30, 5, 0, 1, 'q', 0, 'y');
            client.send(0x30, 8, 0, 1, 'q', 3, 0x23, 0, 65, 'x');
            isDisconnect(client, Reasons.TOPIC_ALIAS_INVALID);
        }
    }
}
