package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.property;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.server.RawClient.Received;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SUBSCRIBE with the user property {@code start}. */
@Timeout(60)
class HistoryTest {
    private static final int MESSAGES = 600;

    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private static byte[] start(String where) {
        return property(0x26, join(text("start"), text(where)));
    }

    private void publish(int from, int to) throws Exception {
        try (RawClient publisher = new RawClient(broker.port()).connect("publisher")) {
            for (int i = from; i < to; i++) {
                publisher.publish((i % 3) << 1, "h/" + i % 2, 1 + i % 1000, Integer.toString(i));
                if (i % 3 == 1) {
                    publisher.packet();
                } else if (i % 3 == 2) {
                    publisher.packet();
                    publisher.ack(PacketWriter.PUBREL, 1 + i % 1000).packet();
                }
            }
            assertThat(publisher.isQuiet()).isTrue();
        }
    }

    private static void take(RawClient client, Received message) throws Exception {
        if (message.qos() == 1) {
            client.ack(PacketWriter.PUBACK, message.packetId());
        } else if (message.qos() == 2) {
            client.ack(PacketWriter.PUBREC, message.packetId());
            assertThat(client.packet()[0]).as("the window is one: PUBREL").isEqualTo((byte) PacketWriter.PUBREL);
            client.ack(PacketWriter.PUBCOMP, message.packetId());
        }
    }

    @Test
    void theLogIsSentFromItsStartAndGoesOnLiveInOrder() throws Exception {
        publish(0, MESSAGES);
        try (RawClient client = new RawClient(broker.port())) {
            client.connack(2, property(0x21, bytes(0, 1)), text("client"));
            assertThat(client.subscribe("h/0", 1, start("earliest"))).isEqualTo(1);
            publish(MESSAGES, MESSAGES + 300);
            for (int i = 0; i < MESSAGES + 300; i += 2) {
                Received message = client.received();
                assertThat(message.payload()).isEqualTo(Integer.toString(i));
                assertThat(message.retain()).isFalse();
                take(client, message);
            }
            assertThat(client.isQuiet()).isTrue();
        }
    }

    @Test
    void itBeginsAtAnOffsetOrATimeAndElsewhereIsRefused() throws Exception {
        publish(0, 30);
        try (RawClient offset = new RawClient(broker.port()).connect("offset");
                RawClient past = new RawClient(broker.port()).connect("past");
                RawClient future = new RawClient(broker.port()).connect("future");
                RawClient wrong = new RawClient(broker.port()).connect("wrong")) {
            offset.subscribe("h/#", 0, start("27"));
            assertThat(offset.received().payload()).isEqualTo("27");
            assertThat(offset.received().payload()).isEqualTo("28");
            past.subscribe("h/1", 0, start("100000000000"));
            assertThat(past.received().payload()).isEqualTo("1");
            future.subscribe("h/1", 0, start("99999999999999"));
            publish(31, 32);
            assertThat(future.received().payload()).isEqualTo("31");
            assertThat(wrong.subscribe("h/1", 0, start("yesterday"))).isEqualTo(Reasons.IMPLEMENTATION_SPECIFIC);
            assertThat(wrong.subscribe("$share/g/h/1", 0, start("0"))).isEqualTo(Reasons.IMPLEMENTATION_SPECIFIC);
            assertThat(wrong.isQuiet()).isTrue();
        }
    }

    @Test
    void aTimeThatNobodyKnowsYetIsAskedForAgain() throws Exception {
        publish(0, 4);
        broker.journal.refuseTimes(2);
        try (RawClient past = new RawClient(broker.port()).connect("past")) {
            past.subscribe("h/1", 0, start("100000000000"));
            assertThat(past.received().payload()).isEqualTo("1");
            assertThat(past.received().payload()).isEqualTo("3");
        }
        assertThat(broker.journal.timesRefused()).isZero();
    }

    @Test
    void aPersistentSessionGetsItsHistoryExactlyOnce() throws Exception {
        publish(0, 200);
        try (RawClient client = new RawClient(broker.port())) {
            client.resume("device", property(0x21, bytes(0, 1)));
            client.subscribe("h/0", 2, start("earliest"));
            for (int i = 0; i < 100; i += 2) {
                Received message = client.received();
                assertThat(message.payload()).isEqualTo(Integer.toString(i));
                take(client, message);
            }
        }
        publish(200, 210);
        try (RawClient client = new RawClient(broker.port())) {
            assertThat(client.resume("device", property(0x21, bytes(0, 1)))).isTrue();
            int next = 100;
            while (next < 210) {
                byte[] packet = client.packet();
                int id = 0;
                if ((packet[0] & 0xF0) == 0x30) {
                    int at = 4 + packet[3];
                    boolean identified = (packet[0] & 6) != 0;
                    id = identified ? ((packet[at] & 0xFF) << 8) | (packet[at + 1] & 0xFF) : 0;
                    int head = identified ? 3 : 1;
                    String payload =
                            new String(packet, at + head, packet.length - at - head, StandardCharsets.US_ASCII);
                    if (next >= 200 && next % 3 == 0) {
                        next += 2;
                    }
                    assertThat(payload).isEqualTo(Integer.toString(next));
                    next += 2;
                    if ((packet[0] & 6) != 0) {
                        client.ack((packet[0] & 6) == 2 ? PacketWriter.PUBACK : PacketWriter.PUBREC, id);
                    }
                } else {
                    assertThat(packet[0]).as("PUBREL").isEqualTo((byte) 0x62);
                    client.ack(PacketWriter.PUBCOMP, ((packet[2] & 0xFF) << 8) | (packet[3] & 0xFF));
                }
                if (next >= 200 && next < 210 && next % 3 == 0) {
                    next += 2;
                }
            }
        }
    }
}
