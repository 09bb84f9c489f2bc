package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.server.RawClient.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who of a share gets what: two members of different protocol versions, and messages to several topics. */
@Timeout(60)
class ShareStrategyTest {
    private static final int MESSAGES = 12;

    /** What each of two members got; every one acknowledged at once. */
    private static List<List<String>> split(String strategy) throws Exception {
        TestBroker broker = new TestBroker(Map.of("mqtt.share.strategy", strategy));
        try (RawClient one = new RawClient(broker.port()).connect("one");
                RawClient two = new RawClient(broker.port());
                RawClient publisher = new RawClient(broker.port()).connect("publisher")) {
            two.connect3("two", 2);
            one.subscribe("$share/g/jobs/#", 1);
            two.subscribe("$share/g/jobs/#", 1);
            for (int i = 0; i < MESSAGES; i++) {
                publisher.publish(2, "jobs/" + i % 4, 1, Integer.toString(i)).packet();
            }
            List<String> toOne = new ArrayList<>();
            List<String> toTwo = new ArrayList<>();
            while (toOne.size() + toTwo.size() < MESSAGES) {
                toOne.addAll(take(one));
                toTwo.addAll(take(two));
            }
            return List.of(toOne, toTwo);
        } finally {
            broker.stop();
        }
    }

    /** Everything up to PINGRESP. */
    private static List<String> take(RawClient client) throws Exception {
        List<String> topics = new ArrayList<>();
        byte[] packet = client.send(0xC0, 0).packet();
        while (packet.length > 2) {
            int at = 4;
            topics.add(new String(packet, at, packet[3], StandardCharsets.US_ASCII));
            int id = at + packet[3];
            client.ack(PacketWriter.PUBACK, ((packet[id] & 0xFF) << 8) | (packet[id + 1] & 0xFF));
            packet = client.packet();
        }
        return topics;
    }

    @Test
    void roundRobinGivesInTurnAndStickyToOne() throws Exception {
        List<List<String>> turns = split("round-robin");
        assertThat(turns.get(0)).hasSize(MESSAGES / 2);
        assertThat(turns.get(1)).hasSize(MESSAGES / 2);
        List<List<String>> sticky = split("sticky");
        assertThat(List.of(sticky.get(0).size(), sticky.get(1).size())).containsExactlyInAnyOrder(0, MESSAGES);
    }

    @Test
    void everyStrategyGivesEveryMessageToOneMember() throws Exception {
        for (String strategy : List.of("least-inflight", "random", "hash-topic", "hash-client")) {
            List<List<String>> shares = split(strategy);
            assertThat(shares.get(0).size() + shares.get(1).size()).as(strategy).isEqualTo(MESSAGES);
            if (strategy.equals("hash-topic")) {
                assertThat(shares.get(0)).as("each topic has its member").doesNotContainAnyElementsOf(shares.get(1));
            }
            if (strategy.equals("hash-client")) {
                assertThat(shares).as("one publisher, one member").anyMatch(List::isEmpty);
            }
        }
    }

    @Test
    @Statement({"MQTT-4.8.2-3", "MQTT-4.8.2-4", "MQTT-4.8.2-5", "MQTT-4.8.2-6"})
    void aMemberKeepsItsQos2AndWhatItRefusesGoesToNobody() throws Exception {
        TestBroker broker = new TestBroker(Map.of("mqtt.share.strategy", "sticky"));
        try (RawClient publisher = new RawClient(broker.port()).connect("publisher");
                RawClient other = new RawClient(broker.port()).connect("other")) {
            int begun;
            try (RawClient member = new RawClient(broker.port())) {
                member.resume("member");
                member.subscribe("$share/g/q", 2);
                publisher.publish(2, "q", 1, "granted more than published").packet();
                Received first = member.received();
                assertThat(first.qos()).isEqualTo(1);
                member.send(0x40, 3, 0, first.packetId(), Reasons.QUOTA_EXCEEDED);
                publisher.publish(4, "q", 2, "begun").packet();
                begun = member.received().packetId();
                other.subscribe("$share/g/q", 2);
                member.send(0xC0, 0).packet();
            }
            try (RawClient member = new RawClient(broker.port())) {
                member.resume("member");
                Received again = member.received();
                assertThat(again.packetId()).isEqualTo(begun);
                assertThat(again.dup()).isTrue();
                assertThat(other.isQuiet()).isTrue();
            }
            try (RawClient member = new RawClient(broker.port())) {
                member.connect("member");
                assertThat(member.isQuiet()).isTrue();
                assertThat(other.isQuiet())
                        .as("its session has ended, and the message with it")
                        .isTrue();
            }
        } finally {
            broker.stop();
        }
    }
}
