package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.block;
import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.properties;
import static io.robustmq.mqtt.wire.Packets.property;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.server.RawClient.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that stops after its first write, after its second, and so on: a message with QoS 2 comes once, and is retained. */
@Timeout(60)
class StopPointTest {
    /** More than there are. */
    private static final int WRITES = 9;

    private static final int RETAIN = 1;
    private static final int QOS_2 = 4;
    private static final int DUP = 8;
    private static final int ID = 9;

    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            watcher.subscribe("to/#", 2);
        }
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    /** Until it came, or a write for it was lost. */
    private void awaitPacketOrLoss(RawClient client) throws IOException {
        while (!client.hasPacket() && broker.journal.lost() == 0) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "$delayed/0/"})
    @Statement({"MQTT-4.3.3-10", "MQTT-4.3.3-12"})
    void aPublishedMessageIsStoredOnce(String prefix) throws Exception {
        try (RawClient first = client()) {
            // All topics that there will be are there.
            first.resume("device");
            first.publish(QOS_2 | RETAIN, prefix + "to/first", 1, "first").packet();
            first.ack(PacketWriter.PUBREL, 1).packet();
        }
        List<String> sent = new ArrayList<>(List.of("first"));
        for (int writes = 0; writes <= WRITES; writes++) {
            String payload = Integer.toString(writes);
            String topic = prefix + "to/" + writes;
            sent.add(payload);
            try (RawClient device = client()) {
                device.resume("device");
                broker.journal.keepOnly(writes);
                device.publish(QOS_2 | RETAIN, topic, ID, payload);
                awaitPacketOrLoss(device);
                broker.crashAndRestart();
            }
            try (RawClient device = client()) {
                assertThat(device.resume("device")).isTrue();
                device.publish(DUP | QOS_2 | RETAIN, topic, ID, payload);
                assertThat(device.packet()).as(payload).containsExactly(0x50, 2, 0, ID);
                assertThat(device.ack(PacketWriter.PUBREL, ID).packet()).containsExactly(0x70, 2, 0, ID);
            }
        }
        expect(sent);
    }

    @Test
    @Statement("MQTT-3.1.2-8")
    void aWillIsStoredOnce() throws Exception {
        try (RawClient first = withWill("first")) {
            first.send(0xE0, 1, 4).packet();
        }
        List<String> sent = new ArrayList<>(List.of("first"));
        for (int writes = 0; writes <= WRITES; writes++) {
            String payload = Integer.toString(writes);
            sent.add(payload);
            try (RawClient device = withWill(payload)) {
                broker.journal.keepOnly(writes);
                device.send(0xE0, 1, 4);
                assertThat(device.packet()).isEmpty();
                broker.crashAndRestart();
            }
        }
        expect(sent);
    }

    /** Connects with a retained will of QoS 2 of this client id and text. */
    private RawClient withWill(String name) throws Exception {
        RawClient client = client();
        byte[] will = join(properties(), text("to/" + name), block(name.getBytes(StandardCharsets.UTF_8)));
        byte[] connack = client.connack(0x20 | 0x10 | 4, property(0x11, bytes(0, 0, 0, 200)), join(text(name), will));
        assertThat(connack[3]).isZero();
        return client;
    }

    /** Each once to who subscribed before, and once to who subscribes now. */
    private void expect(List<String> payloads) throws Exception {
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            assertThat(read(watcher, payloads.size())).containsExactlyInAnyOrderElementsOf(payloads);
            assertThat(watcher.isQuiet()).isTrue();
        }
        try (RawClient late = client().connect("late")) {
            late.subscribe("to/#", 0);
            assertThat(read(late, payloads.size())).as("retained").containsExactlyInAnyOrderElementsOf(payloads);
            assertThat(late.isQuiet()).isTrue();
        }
    }

    private static List<String> read(RawClient client, int count) throws IOException {
        List<String> payloads = new ArrayList<>();
        while (payloads.size() < count) {
            Received received = client.received();
            payloads.add(received.payload());
        }
        return payloads;
    }
}
