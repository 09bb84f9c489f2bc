package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.server.RawClient.NO_PROPERTIES;
import static io.robustmq.mqtt.wire.Packets.block;
import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.packet;
import static io.robustmq.mqtt.wire.Packets.properties;
import static io.robustmq.mqtt.wire.Packets.property;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.wire.Packets;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections as they begin and end, to the letter. */
@Timeout(60)
class ConnectRulesTest {
    private static final int WILL = 0x04;
    private static final int WILL_QOS_1 = 0x08;
    private static final int WILL_RETAIN = 0x20;

    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    private static boolean contains(byte[] packet, byte[] part) {
        String all = new String(packet, StandardCharsets.ISO_8859_1);
        return all.contains(new String(part, StandardCharsets.ISO_8859_1));
    }

    @Test
    @Statement({"MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16", "MQTT-4.12.0-6", "MQTT-3.1.2-28"})
    void anEmptyClientIdGetsOneOfItsOwn() throws Exception {
        try (RawClient one = client();
                RawClient two = client()) {
            byte[] first = one.connack(2, NO_PROPERTIES, text(""));
            byte[] second = two.connack(2, NO_PROPERTIES, text(""));
            assertThat(first[3]).isZero();
            assertThat(contains(first, bytes(0x12, 0))).as("assigned client id").isTrue();
            assertThat(first).isNotEqualTo(second);
            assertThat(contains(first, bytes(0x15)))
                    .as("no authentication method")
                    .isFalse();
            assertThat(contains(first, bytes(0x1A, 0)))
                    .as("no response information")
                    .isFalse();
            assertThat(one.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.3-8", "MQTT-3.2.2-6", "MQTT-3.1.4-2", "MQTT-3.1.4-6", "MQTT-3.14.0-1"},
            v3 = {"MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.2.2-4", "MQTT-3.2.2-5", "MQTT-3.1.4-5"})
    void aRefusedClientIdIsToldAndNothingAfterItIsProcessed() throws Exception {
        try (RawClient watcher = client().connect("watcher");
                RawClient five = client();
                RawClient three = client()) {
            watcher.subscribe("q", 0);
            byte[] publish = packet(0x30, text("q"), bytes(0), bytes('x'));
            five.send(join(Packets.connect(5, 2, NO_PROPERTIES, text("c".repeat(1025))), publish));
            assertThat(five.packet()).containsExactly(0x20, 3, 0, Reasons.CLIENT_ID_NOT_VALID, 0);
            assertThat(five.packet()).isEmpty();
            assertThat(three.connect3("", 0)).containsExactly(0x20, 2, 0, 2);
            assertThat(three.packet()).isEmpty();
            assertThat(watcher.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(v3 = {"MQTT-3.1.3-6", "MQTT-3.1.4-4", "MQTT-3.2.0-1", "MQTT-3.2.2-1", "MQTT-3.12.4-1"})
    void anEmptyClientIdOfVersion3IsAcceptedWhenClean() throws Exception {
        try (RawClient three = client()) {
            assertThat(three.connect3("", 2)).containsExactly(0x20, 2, 0, 0);
            assertThat(three.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(v3 = {"MQTT-3.2.2-6", "MQTT-3.1.4-1", "MQTT-4.8.0-1"})
    void whatHasNoReturnCodeInVersion3JustEndsTheConnection() throws Exception {
        byte[] systemWill = join(text("c"), text("$SYS/x"), block(bytes(1)));
        try (RawClient three = client();
                RawClient malformed = client()) {
            three.send(Packets.connect(4, 2 | WILL, NO_PROPERTIES, systemWill));
            assertThat(three.packet()).isEmpty();
            malformed.send(Packets.connect(4, 3, NO_PROPERTIES, text("c")));
            assertThat(malformed.packet()).isEmpty();
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.4-5", "MQTT-3.2.0-1", "MQTT-3.2.0-2", "MQTT-3.2.2-1", "MQTT-3.2.2-2", "MQTT-3.2.2-3"},
            v3 = {"MQTT-3.2.2-3", "MQTT-3.1.2-6", "MQTT-3.1.4-3"})
    void sessionPresentTellsWhetherThereWasOne() throws Exception {
        try (RawClient five = client()) {
            assertThat(five.resume("five")).isFalse();
        }
        try (RawClient five = client()) {
            assertThat(five.resume("five")).isTrue();
            assertThat(five.isQuiet()).as("one CONNACK, and nothing more").isTrue();
        }
        try (RawClient five = client()) {
            byte[] connack = five.connack(2, NO_PROPERTIES, text("five"));
            assertThat(connack[2]).as("clean start").isZero();
            assertThat(connack[3]).isZero();
        }
        try (RawClient three = client()) {
            assertThat(three.connect3("three", 0)).containsExactly(0x20, 2, 0, 0);
        }
        try (RawClient three = client()) {
            assertThat(three.connect3("three", 2)).as("clean session").containsExactly(0x20, 2, 0, 0);
        }
        try (RawClient three = client()) {
            assertThat(three.connect3("three", 0)).containsExactly(0x20, 2, 0, 0);
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.3-2", "MQTT-3.1.3-3", "MQTT-3.1.3-5"},
            v3 = {"MQTT-3.1.3-2", "MQTT-3.1.3-3", "MQTT-3.1.3-5"})
    void clientIdsOfLettersAndDigitsNameSessions() throws Exception {
        for (String id : new String[] {"0", "abcdefghijklmnopqrstuvw", "XYZABCDEFGHIJKLMNOPQRST"}) {
            try (RawClient five = client()) {
                assertThat(five.resume(id)).isFalse();
            }
        }
        try (RawClient five = client()) {
            assertThat(five.resume("0")).isTrue();
        }
        try (RawClient three = client()) {
            assertThat(three.connect3("1", 2)).containsExactly(0x20, 2, 0, 0);
        }
    }

    @Test
    @Statement(v3 = "MQTT-3.1.4-2")
    void takeOverEndsTheOldConnectionOfVersion3() throws Exception {
        try (RawClient old = client();
                RawClient young = client()) {
            old.connect3("c", 2);
            young.connect3("c", 2);
            assertThat(old.packet()).isEmpty();
            assertThat(young.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.2-22", "MQTT-3.2.2-22", "MQTT-3.14.2-2"},
            v3 = "MQTT-3.1.2-24")
    void silenceBeyondTheKeepAliveEndsTheConnectionWithItsWill() throws Exception {
        byte[] connect =
                packet(0x10, text("MQTT"), bytes(5, 2 | WILL | WILL_QOS_1, 0, 1), bytes(0), will("gone", "five"));
        byte[] connect3 =
                packet(0x10, text("MQTT"), bytes(4, 2 | WILL, 0, 1), text("three"), text("gone"), block(bytes('3')));
        try (RawClient watcher = client().connect("watcher");
                RawClient five = client();
                RawClient three = client()) {
            watcher.subscribe("gone", 1);
            assertThat(five.send(connect).packet()[3]).isZero();
            assertThat(five.packet()).startsWith(0xE0).contains(Reasons.KEEP_ALIVE_TIMEOUT);
            assertThat(five.packet()).isEmpty();
            assertThat(watcher.received().payload()).isEqualTo("five");
            assertThat(three.send(connect3).packet()[3]).isZero();
            assertThat(three.packet()).isEmpty();
            assertThat(watcher.received().payload()).isEqualTo("3");
        }
    }

    private static byte[] will(String topic, String payload, byte[]... with) {
        byte[] message = payload.getBytes(StandardCharsets.UTF_8);
        return join(text("dying"), properties(with), text(topic), block(message));
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.2-14", "MQTT-3.1.2-15", "MQTT-3.1.3-10", "MQTT-3.1.2-8", "MQTT-3.1.3-1", "MQTT-3.1.3-11"
            },
            v3 = {"MQTT-3.1.2-8", "MQTT-3.1.2-16", "MQTT-3.1.2-17", "MQTT-3.1.3-1", "MQTT-3.1.3-10"})
    void theWillIsPublishedWithItsFlagsAndProperties() throws Exception {
        byte[] a = property(0x26, join(text("n"), text("1")));
        byte[] b = property(0x26, join(text("n"), text("2")));
        try (RawClient watcher = client().connect("watcher")) {
            watcher.subscribe("w/#", 8 | 1);
            try (RawClient dying = client()) {
                dying.connack(2 | WILL | WILL_QOS_1 | WILL_RETAIN, NO_PROPERTIES, will("w/kept", "x", a, b));
            }
            RawClient.Received kept = watcher.received();
            assertThat(kept.properties()).isEqualTo(join(a, b));
            assertThat(kept.retain()).as("as published").isTrue();
            try (RawClient dying = client()) {
                dying.connack(2 | WILL, NO_PROPERTIES, will("w/live", "y"));
            }
            RawClient.Received live = watcher.ack(0x40, kept.packetId()).received();
            assertThat(live.retain()).isFalse();
            assertThat(live.qos()).isZero();
        }
        try (RawClient late = client().connect("late")) {
            late.subscribe("w/#", 0);
            assertThat(late.received().topic()).isEqualTo("w/kept");
            assertThat(late.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.3-9", "MQTT-3.1.2-10", "MQTT-3.14.4-3"},
            v3 = {"MQTT-3.1.2-10", "MQTT-3.1.2-12", "MQTT-3.14.4-3"})
    void aWillIsDroppedByDisconnectOrByAConnectionWithinItsDelay() throws Exception {
        byte[] expiry = property(0x11, bytes(0, 0, 0, 100));
        byte[] delayed = will("w/delayed", "x", property(0x18, bytes(0, 0, 0, 50)));
        try (RawClient watcher = client().connect("watcher")) {
            watcher.subscribe("w/#", 0);
            try (RawClient dying = client()) {
                dying.connack(WILL, expiry, delayed);
            }
            try (RawClient again = client()) {
                again.connack(0, expiry, text("dying"));
                assertThat(watcher.isQuiet()).as("resumed within the delay").isTrue();
                again.send(0xE0, 0);
                assertThat(again.packet()).isEmpty();
            }
            try (RawClient polite = client()) {
                polite.connack(2 | WILL, NO_PROPERTIES, will("w/polite", "x"));
                polite.send(0xE0, 0);
                assertThat(polite.packet()).isEmpty();
            }
            try (RawClient three = client()) {
                three.send(Packets.connect(4, 2 | WILL, NO_PROPERTIES, join(text("t"), text("w/t"), text("x"))));
                three.packet();
                three.send(0xE0, 0);
                assertThat(three.packet()).isEmpty();
            }
            assertThat(watcher.isQuiet()).isTrue();
            try (RawClient dying = client()) {
                dying.connack(WILL, expiry, delayed);
            }
            try (RawClient clean = client()) {
                clean.connack(2, NO_PROPERTIES, text("dying"));
                assertThat(watcher.received().topic())
                        .as("its session has ended")
                        .isEqualTo("w/delayed");
            }
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-24", "MQTT-3.14.2-3", "MQTT-3.1.2-25"})
    void noPacketIsLargerThanTheClientTakes() throws Exception {
        try (RawClient tiny = client()) {
            assertThat(tiny.connack(2, property(0x27, bytes(0, 0, 0, 4)), text("tiny")))
                    .isEmpty();
        }
        try (RawClient small = client();
                RawClient publisher = client().connect("publisher")) {
            assertThat(small.connack(2, property(0x27, bytes(0, 0, 0, 30)), text("small"))[3])
                    .isZero();
            assertThat(small.subscribe("q", 2)).isEqualTo(2);
            publisher.publish(2, "q", 1, "too large for thirty bytes").packet();
            publisher.publish(2, "q", 2, "fits").packet();
            RawClient.Received fits = small.received();
            assertThat(fits.payload()).isEqualTo("fits");
            byte[] filters = new byte[0];
            for (int i = 0; i < 40; i++) {
                filters = join(filters, text("f" + i), bytes(0));
            }
            small.send(packet(0x82, bytes(0, 1), bytes(0), filters));
            assertThat(small.isQuiet()).as("SUBACK of 44 bytes is not sent").isTrue();
            small.send(0xF0, 0);
            assertThat(small.packet()).as("no reason string").hasSizeLessThan(6).startsWith(0xE0);
        }
    }

    @Test
    void aServerKeepAliveAndACappedExpiryAreTold() throws Exception {
        TestBroker strict =
                new TestBroker(Map.of("mqtt.keep-alive.seconds.max", "9", "mqtt.session.expiry.seconds.max", "7"));
        try (RawClient client = new RawClient(strict.port())) {
            byte[] connack = client.connack(2, property(0x11, bytes(0, 0, 0, 8)), text("c"));
            assertThat(contains(connack, bytes(0x13, 0, 9))).isTrue();
            assertThat(contains(connack, bytes(0x11, 0, 0, 0, 7))).isTrue();
        } finally {
            strict.stop();
        }
    }
}
