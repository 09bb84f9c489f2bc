package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.server.RawClient.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handshakes that were under way when the node was killed go on where they were. */
@Timeout(60)
class CrashTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of("mqtt.inflight.stored", "all", "mqtt.share.strategy", "round-robin"));
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    private void publish(String topic, int qos, String... payloads) throws Exception {
        try (RawClient publisher = client().connect("publisher")) {
            int id = 1;
            for (String payload : payloads) {
                publisher.publish(qos << 1, topic, id, payload).packet();
                if (qos == 2) {
                    publisher.ack(PacketWriter.PUBREL, id).packet();
                }
                id++;
            }
        }
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-4.3.3-5", "MQTT-4.3.3-6", "MQTT-3.3.1-1"})
    void outgoingQos2IsDeliveredExactlyOnceWithItsIds() throws Exception {
        int two;
        int three;
        int done;
        try (RawClient device = client()) {
            device.resume("device");
            device.subscribe("q", 2);
            publish("q", 2, "1", "2", "3");
            Received first = device.received();
            two = device.received().packetId();
            three = device.received().packetId();
            done = first.packetId();
            device.ack(PacketWriter.PUBREC, done).ack(PacketWriter.PUBREC, two);
            assertThat(device.packet()).containsExactly(0x62, 2, 0, done);
            assertThat(device.packet()).containsExactly(0x62, 2, 0, two);
            device.ack(PacketWriter.PUBCOMP, done);
            assertThat(device.isQuiet()).isTrue();
            broker.crashAndRestart();
        }
        try (RawClient device = client()) {
            assertThat(device.resume("device")).isTrue();
            byte[] packet = device.packet();
            if (packet[3] == done) {
                // That PUBCOMP came need not be stored: the client answers again.
                assertThat(packet).containsExactly(0x62, 2, 0, done);
                device.ack(PacketWriter.PUBCOMP, done);
                packet = device.packet();
            }
            assertThat(packet).containsExactly(0x62, 2, 0, two);
            Received again = device.received();
            assertThat(again.payload()).isEqualTo("3");
            assertThat(again.packetId()).isEqualTo(three);
            assertThat(again.dup()).isTrue();
            publish("q", 2, "4");
            Received fourth = device.received();
            assertThat(fourth.payload()).isEqualTo("4");
            assertThat(fourth.dup()).isFalse();
            assertThat(fourth.packetId()).isNotIn(two, three);
            assertThat(device.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement({"MQTT-4.3.3-10", "MQTT-4.3.3-12", "MQTT-4.3.3-11"})
    void incomingQos2IsStoredExactlyOnce() throws Exception {
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            watcher.subscribe("q", 1);
        }
        try (RawClient device = client()) {
            device.resume("device");
            assertThat(device.publish(4, "q", 9, "nine").packet()).containsExactly(0x50, 2, 0, 9);
            assertThat(device.publish(4, "q", 10, "ten").packet()).containsExactly(0x50, 2, 0, 10);
            assertThat(device.ack(PacketWriter.PUBREL, 10).packet()).containsExactly(0x70, 2, 0, 10);
            broker.crashAndRestart();
        }
        for (int restart = 0; restart < 2; restart++) {
            try (RawClient device = client()) {
                assertThat(device.resume("device")).isTrue();
                assertThat(device.publish(8 | 4, "q", 9, "nine").packet()).containsExactly(0x50, 2, 0, 9);
                broker.crashAndRestart();
            }
        }
        try (RawClient device = client()) {
            assertThat(device.resume("device")).isTrue();
            assertThat(device.ack(PacketWriter.PUBREL, 9).packet()).containsExactly(0x70, 2, 0, 9);
            assertThat(device.publish(8 | 4, "q", 10, "ten again").packet()).containsExactly(0x50, 2, 0, 10);
        }
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            List<String> payloads = new ArrayList<>();
            while (payloads.size() < 3) {
                payloads.add(watcher.received().payload());
            }
            assertThat(payloads).containsExactly("nine", "ten", "ten again");
            assertThat(watcher.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement("MQTT-4.4.0-1")
    void storedQos1ComesWithItsIdAndOnce() throws Exception {
        int id;
        try (RawClient device = client()) {
            device.resume("device");
            device.subscribe("q", 1);
            publish("q", 1, "a", "b");
            device.ack(PacketWriter.PUBACK, device.received().packetId());
            id = device.received().packetId();
            broker.crashAndRestart();
        }
        try (RawClient device = client()) {
            device.resume("device");
            Received again = device.received();
            if (again.payload().equals("a")) {
                assertThat(again.dup()).isTrue();
                again = device.received();
            }
            assertThat(again.payload()).isEqualTo("b");
            assertThat(again.packetId()).isEqualTo(id);
            assertThat(again.dup()).isTrue();
            assertThat(device.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement("MQTT-4.4.0-1")
    void whatWasAcknowledgedBeforeAStoredQos1MessageDoesNotComeBehindIt() throws Exception {
        try (RawClient device = client()) {
            device.resume("device");
            device.subscribe("q", 1);
            publish("q", 1, "a", "b");
            device.ack(PacketWriter.PUBACK, device.received().packetId());
            device.received();
        }
        try (RawClient device = client()) {
            // By now it is stored that "a" is settled; how far the session has come will be in a second.
            device.resume("device");
        }
        broker.crashAndRestart();
        try (RawClient device = client()) {
            device.resume("device");
            Received again = device.received();
            assertThat(again.payload()).isEqualTo("b");
            assertThat(again.dup()).isTrue();
            assertThat(device.isQuiet()).isTrue();
        }
    }

    @Test
    void aShareOfPersistentMembersKeepsWhatNobodyHasAcknowledged() throws Exception {
        try (RawClient one = client();
                RawClient two = client()) {
            one.resume("one");
            two.resume("two");
            one.subscribe("$share/g/jobs", 1);
            two.subscribe("$share/g/jobs", 1);
            publish("jobs", 1, "held");
        }
        publish("jobs", 1, "a", "b");
        broker.crashAndRestart();
        publish("jobs", 1, "c");
        try (RawClient two = client()) {
            assertThat(two.resume("two")).isTrue();
            List<String> got = new ArrayList<>();
            while (got.size() < 4) {
                Received job = two.received();
                got.add(job.payload());
                two.ack(PacketWriter.PUBACK, job.packetId());
            }
            assertThat(got).contains("held", "a", "b", "c");
        }
    }

    @Test
    void aShareGivesOthersWhatAMemberHeldThatDoesNotComeBack() throws Exception {
        try (RawClient one = client();
                RawClient two = client()) {
            one.resume("one");
            two.resume("two");
            one.subscribe("$share/g/jobs", 1);
            two.subscribe("$share/g/jobs", 1);
            publish("jobs", 1, "1", "2");
            assertThat(one.received().payload()).isEqualTo("1");
            assertThat(two.received().payload()).isEqualTo("2");
            broker.crashAndRestart();
        }
        try (RawClient two = client()) {
            assertThat(two.resume("two")).isTrue();
            assertThat(List.of(two.received().payload(), two.received().payload()))
                    .containsExactlyInAnyOrder("1", "2");
            assertThat(two.isQuiet()).isTrue();
        }
    }

    @Test
    void aShareDeliversQos2ExactlyOnceWhateverItsMembersHaveAcknowledged() throws Exception {
        List<String> got = new ArrayList<>();
        int held;
        try (RawClient one = client();
                RawClient two = client()) {
            one.resume("one");
            two.resume("two");
            one.subscribe("$share/g/jobs", 2);
            two.subscribe("$share/g/jobs", 2);
            publish("jobs", 2, "1", "2", "3", "4");
            Received first = one.received();
            Received last = one.received();
            got.add(settle(one, first));
            first = two.received();
            Received second = two.received();
            got.add(settle(two, first));
            got.add(settle(two, second));
            held = last.packetId();
            got.add(last.payload());
            assertThat(one.isQuiet()).isTrue();
            two.send(0xE0, 0).packet();
            try (RawClient again = client()) {
                // By now it is stored what it settled.
                again.resume("two");
            }
            broker.crashAndRestart();
        }
        try (RawClient one = client();
                RawClient two = client()) {
            two.resume("two");
            readUntilQuiet(two, got);
            one.resume("one");
            byte[] again = one.packet();
            while ((again[0] & 0xF0) != 0x30) {
                // That PUBCOMP came need not be stored.
                one.ack(PacketWriter.PUBCOMP, again[3]);
                again = one.packet();
            }
            assertThat(again[0] & 0x08).as("DUP").isEqualTo(0x08);
            one.ack(PacketWriter.PUBREC, held).packet();
            one.ack(PacketWriter.PUBCOMP, held);
            publish("jobs", 2, "5");
            while (got.size() < 5) {
                readUntilQuiet(one, got);
                readUntilQuiet(two, got);
            }
            publish("other", 2, "6");
            readUntilQuiet(one, got);
            readUntilQuiet(two, got);
        }
        assertThat(got).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
    }

    private static String settle(RawClient client, Received message) throws Exception {
        client.ack(PacketWriter.PUBREC, message.packetId()).packet();
        client.ack(PacketWriter.PUBCOMP, message.packetId());
        return message.payload();
    }

    /** What is not a repetition by its packet id. */
    private static void readUntilQuiet(RawClient client, List<String> into) throws Exception {
        client.send(0xC0, 0);
        byte[] packet = client.packet();
        while (packet[0] != (byte) 0xD0) {
            if ((packet[0] & 0xF8) == 0x30) {
                into.add(new String(packet, packet.length - 1, 1, StandardCharsets.UTF_8));
            }
            packet = client.packet();
        }
    }

    @Test
    void aRepeatedMessageIsRetainedEvenIfTheNodeStoppedBeforeItWas() throws Exception {
        try (RawClient device = client();
                RawClient other = client().connect("other")) {
            device.resume("device");
            assertThat(device.publish(4 | 1, "q", 9, "kept").packet()).containsExactly(0x50, 2, 0, 9);
            // As if it had not come that far.
            assertThat(other.publish(2 | 1, "q", 1, "").packet()).containsExactly(0x40, 2, 0, 1);
            broker.crashAndRestart();
        }
        try (RawClient device = client();
                RawClient late = client().connect("late")) {
            device.resume("device");
            assertThat(device.publish(8 | 4 | 1, "q", 9, "kept").packet()).containsExactly(0x50, 2, 0, 9);
            late.subscribe("q", 0);
            assertThat(late.received().payload()).isEqualTo("kept");
            assertThat(late.isQuiet()).isTrue();
        }
    }
}
