package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.number;
import static io.robustmq.mqtt.wire.Packets.packet;
import static io.robustmq.mqtt.wire.Packets.property;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.server.RawClient.Received;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What subscribers and publishers are sent, to the letter. */
@Timeout(60)
class DeliveryRulesTest {
    private static final byte[] RECEIVE_MAXIMUM_2 = property(0x21, bytes(0, 2));
    private static final byte[] ALIASES_2 = property(0x22, bytes(0, 2));

    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of("mqtt.payload-format.check", "true", "mqtt.ack.offset", "true"));
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    private RawClient connected(String id) throws Exception {
        return client().connect(id);
    }

    /** Publishes with QoS 1 and waits for PUBACK. */
    private static void store(RawClient publisher, String topic, String payload) throws Exception {
        assertThat(publisher.publish(2, topic, 1, payload).packet()[0]).isEqualTo((byte) 0x40);
    }

    @Test
    void unsubscribingIsNoSuccessWhereItIsNotStored() throws Exception {
        try (RawClient five = client();
                RawClient three = client()) {
            five.resume("five");
            five.subscribe("a", 1);
            refuseNext("five");
            five.send(packet(0xA2, bytes(0, 1), bytes(0), text("a")));
            assertThat(five.packet()).containsExactly(0xB0, 4, 0, 1, 0, 0x80);

            assertThat(three.connect3("three", 0)[3]).isZero();
            three.send(packet(0x82, bytes(0, 2), text("a"), bytes(1)));
            assertThat(three.packet()).containsExactly(0x90, 3, 0, 2, 1);
            refuseNext("three");
            three.send(packet(0xA2, bytes(0, 3), text("a")));
            assertThat(three.packet()).isEmpty();
        }
    }

    /** The next change of the client's session is not stored. */
    private void refuseNext(String clientId) {
        TopicImage sessions = broker.metaLog.image().topic(TopicName.MQTT_SESSIONS);
        int home =
                CoordinatorService.partitionFor(clientId, sessions.partitions().size());
        broker.journal.failNext(sessions.partition(home), BrokerError.STORAGE_FULL, false);
    }

    @Test
    @Statement(
            value = {
                "MQTT-4.4.0-1",
                "MQTT-3.3.1-1",
                "MQTT-4.3.3-6",
                "MQTT-4.3.3-4",
                "MQTT-4.3.2-3",
                "MQTT-4.3.3-3",
                "MQTT-2.2.1-5",
                "MQTT-4.1.0-1",
                "MQTT-3.3.4-9"
            },
            v3 = {"MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.3.2-1", "MQTT-4.3.3-1"})
    void whatIsUnacknowledgedIsSentAgainWithDupItsIdAndInTheWindow() throws Exception {
        try (RawClient publisher = connected("publisher")) {
            int one;
            int two;
            int three;
            try (RawClient device = client()) {
                device.resume("device");
                device.subscribe("q", 2);
                store(publisher, "q", "1");
                publisher.publish(4, "q", 5, "2").packet();
                publisher.ack(PacketWriter.PUBREL, 5).packet();
                store(publisher, "q", "3");
                Received first = device.received();
                assertThat(first.dup()).isFalse();
                one = first.packetId();
                two = device.received().packetId();
                three = device.received().packetId();
                device.ack(PacketWriter.PUBREC, two);
                assertThat(device.packet()).containsExactly(0x62, 2, 0, two);
            }
            try (RawClient device = client()) {
                assertThat(device.resume("device", RECEIVE_MAXIMUM_2)).isTrue();
                Received again = device.received();
                assertThat(again.dup()).isTrue();
                assertThat(again.packetId()).isEqualTo(one);
                assertThat(device.packet()).as("the owed PUBREL").containsExactly(0x62, 2, 0, two);
                assertThat(device.isQuiet()).as("the window of two is full").isTrue();
                device.ack(PacketWriter.PUBCOMP, two);
                again = device.received();
                assertThat(again.payload()).isEqualTo("3");
                assertThat(again.packetId()).isEqualTo(three);
                assertThat(again.dup()).isTrue();
                device.ack(PacketWriter.PUBACK, three).ack(PacketWriter.PUBACK, one);
                assertThat(device.isQuiet())
                        .as("nothing is sent again without reconnecting")
                        .isTrue();
                store(publisher, "q", "4");
                assertThat(device.received().dup()).as("new").isFalse();
            }
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.3.1-3", "MQTT-3.3.1-2", "MQTT-4.3.1-1", "MQTT-4.3.2-2", "MQTT-4.3.3-2", "MQTT-2.2.1-2"},
            v3 = {"MQTT-3.3.1-3", "MQTT-3.3.1-2", "MQTT-4.3.1-1", "MQTT-2.3.1-5"})
    void dupIsNotPassedOn() throws Exception {
        try (RawClient publisher = connected("publisher");
                RawClient one = connected("one");
                RawClient zero = connected("zero")) {
            one.subscribe("q", 2);
            zero.subscribe("q", 0);
            publisher.publish(8 | 2, "q", 9, "x").packet();
            publisher.publish(8 | 4, "q", 10, "never seen before").packet();
            assertThat(one.received().dup()).isFalse();
            assertThat(one.received().dup()).isFalse();
            Received first = zero.received();
            assertThat(first.flags()).isZero();
            assertThat(zero.received().payload()).isEqualTo("never seen before");
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.3.4-3", "MQTT-3.3.4-4", "MQTT-3.3.4-2"},
            v3 = "MQTT-3.3.5-1")
    void overlappingSubscriptionsGiveOneCopyWithTheirIdsAtTheHighestQos() throws Exception {
        try (RawClient client = connected("c");
                RawClient three = client()) {
            client.subscribe("o/#", 0, property(0x0B, number(7)));
            client.subscribe("o/+", 2, property(0x0B, number(200)));
            client.subscribe("o/a", 1);
            three.connect3("three", 2);
            three.subscribe("o/#", 0);
            three.subscribe("o/a", 1);
            store(client, "o/a", "x");
            Received copy = client.received();
            assertThat(copy.qos()).isEqualTo(1);
            byte[] seven = property(0x0B, number(7));
            byte[] twoHundred = property(0x0B, number(200));
            assertThat(copy.properties()).isIn(join(seven, twoHundred), join(twoHundred, seven));
            assertThat(three.received().qos()).isEqualTo(1);
            assertThat(client.isQuiet()).isTrue();
            assertThat(three.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-26", "MQTT-3.3.2-11", "MQTT-3.3.2-7"})
    void topicsAreSentByAliasAsFarAsTheClientTakesThem() throws Exception {
        try (RawClient publisher = connected("publisher")) {
            for (int connection = 0; connection < 2; connection++) {
                try (RawClient client = client()) {
                    client.resume("aliased", ALIASES_2);
                    client.subscribe("room/#", 0);
                    for (String topic : new String[] {"room/1", "room/2", "room/3", "room/1", "room/3"}) {
                        store(publisher, topic, topic);
                    }
                    for (int alias = 1; alias <= 2; alias++) {
                        Received first = client.received();
                        assertThat(first.topic()).isEqualTo("room/" + alias);
                        assertThat(first.properties()).isEqualTo(property(0x23, bytes(0, alias)));
                    }
                    Received third = client.received();
                    assertThat(third.topic()).isEqualTo("room/3");
                    assertThat(third.properties()).isEmpty();
                    Received again = client.received();
                    assertThat(again.topic()).isEmpty();
                    assertThat(again.properties()).isEqualTo(property(0x23, bytes(0, 1)));
                    assertThat(again.payload()).isEqualTo("room/1");
                    assertThat(client.received().topic()).isEqualTo("room/3");
                }
            }
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.3.1-8", "MQTT-3.3.1-10", "MQTT-3.8.4-3", "MQTT-3.8.4-4", "MQTT-3.3.1-9", "MQTT-3.3.1-6"},
            v3 = {
                "MQTT-3.3.1-5",
                "MQTT-3.3.1-6",
                "MQTT-3.3.1-7",
                "MQTT-3.3.1-8",
                "MQTT-3.3.1-10",
                "MQTT-3.3.1-11",
                "MQTT-3.3.1-12",
                "MQTT-3.8.4-3",
                "MQTT-3.1.2-7"
            })
    void retainedMessagesAreKeptReplacedAndSentAsAskedFor() throws Exception {
        try (RawClient publisher = connected("publisher");
                RawClient client = connected("c");
                RawClient three = client()) {
            publisher.publish(1, "r", 0, "zero");
            store(publisher, "r", "live only");
            client.subscribe("r", 0x10 | 1);
            Received kept = client.received();
            assertThat(kept.payload()).isEqualTo("zero");
            assertThat(kept.retain()).isTrue();
            client.subscribe("r", 0x10 | 1);
            assertThat(client.isQuiet()).as("retain handling 1, not new").isTrue();
            client.subscribe("r", 1);
            assertThat(client.received().payload()).as("retain handling 0").isEqualTo("zero");
            three.connect3("three", 2);
            three.subscribe("r", 1);
            assertThat(three.received().retain()).isTrue();
            publisher.publish(3, "r", 2, "").packet();
            Received deletion = three.received();
            assertThat(deletion.payload()).isEmpty();
            assertThat(deletion.retain()).isFalse();
            three.subscribe("r", 0);
            assertThat(three.isQuiet()).as("deleted").isTrue();
        }
    }

    @Test
    @Statement(
            value = {
                "MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.8.4-5", "MQTT-3.8.4-6", "MQTT-3.8.4-7", "MQTT-3.9.3-1",
                "MQTT-3.9.3-2", "MQTT-2.2.1-6", "MQTT-2.2.2-1", "MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6",
                "MQTT-3.11.3-1", "MQTT-3.11.3-2"
            },
            v3 = {
                "MQTT-3.8.4-1",
                "MQTT-3.8.4-2",
                "MQTT-3.8.4-4",
                "MQTT-3.8.4-5",
                "MQTT-3.9.3-1",
                "MQTT-3.9.3-2",
                "MQTT-2.3.1-7",
                "MQTT-3.10.4-4",
                "MQTT-3.10.4-5",
                "MQTT-3.10.4-6"
            })
    void manyFiltersGetOneAnswerInTheirOrder() throws Exception {
        byte[] deep = text("a/".repeat(80));
        byte[] filters = join(text("a"), bytes(2), deep, bytes(1), text("b"), bytes(0));
        try (RawClient five = connected("five");
                RawClient three = client()) {
            five.send(packet(0x82, bytes(1, 2), bytes(0), filters));
            assertThat(five.packet()).containsExactly(0x90, 6, 1, 2, 0, 2, Reasons.TOPIC_FILTER_INVALID, 0);
            five.send(packet(0xA2, bytes(1, 3), bytes(0), text("b"), text("c"), text("a")));
            assertThat(five.packet()).containsExactly(0xB0, 6, 1, 3, 0, 0, 0x11, 0);
            three.connect3("three", 2);
            three.send(packet(0x82, bytes(1, 4), filters));
            assertThat(three.packet()).containsExactly(0x90, 5, 1, 4, 2, 0x80, 0);
            three.send(packet(0xA2, bytes(1, 5), text("nothing")));
            assertThat(three.packet()).containsExactly(0xB0, 2, 1, 5);
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.10.4-3", "MQTT-3.3.4-10", "MQTT-4.9.0-3", "MQTT-3.12.4-1"},
            v3 = "MQTT-3.10.4-3")
    void whatHasBegunIsCompletedAfterUnsubscribeAndEverythingElseGoesOnWithoutQuota() throws Exception {
        try (RawClient publisher = connected("publisher");
                RawClient client = client()) {
            client.resume("c", property(0x21, bytes(0, 1)));
            client.subscribe("q", 2);
            publisher.publish(4, "q", 5, "x").packet();
            Received begun = client.received();
            assertThat(client.isQuiet()).as("PINGRESP without quota").isTrue();
            client.send(packet(0xA2, bytes(0, 1), bytes(0), text("q")));
            assertThat(client.packet()).startsWith(0xB0);
            client.ack(PacketWriter.PUBREC, begun.packetId());
            assertThat(client.packet()).containsExactly(0x62, 2, 0, begun.packetId());
            client.ack(PacketWriter.PUBCOMP, begun.packetId());
            assertThat(client.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(
            value = {"MQTT-4.7.2-1", "MQTT-4.7.3-4", "MQTT-3.3.2-3"},
            v3 = {"MQTT-4.7.2-1", "MQTT-4.7.3-4", "MQTT-3.3.2-3"})
    void filtersMatchCharacterByCharacter() throws Exception {
        try (RawClient client = connected("c")) {
            client.subscribe("A/\u00e9", 0);
            for (String topic : new String[] {"a/\u00e9", "A/e\u0301", "A/\u00e9/", "/A/\u00e9", "A/\u00e9"}) {
                store(client, topic, "x");
            }
            assertThat(client.received().topic()).isEqualTo("A/\u00e9");
            assertThat(client.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement(
            value = {"MQTT-1.5.4-3", "MQTT-3.3.2-4", "MQTT-3.3.2-13", "MQTT-4.7.3-3"},
            v3 = {"MQTT-1.5.3-3", "MQTT-4.7.3-3"})
    void textComesThroughAsItWas() throws Exception {
        byte[] format = property(0x01, bytes(1));
        byte[] response = property(0x08, text("\ufeffre"));
        try (RawClient client = connected("c")) {
            client.subscribe("\ufefft", 0);
            client.publish(0, "\ufefft", 0, "x", format, response);
            Received copy = client.received();
            assertThat(copy.topic()).isEqualTo("\ufefft");
            assertThat(copy.properties()).isEqualTo(join(format, response));
        }
    }

    @Test
    void aPayloadThatIsNotTheTextItIsSaidToBeIsRefused() throws Exception {
        byte[] illFormed = packet(0x32, text("q"), bytes(0, 3), bytes(2, 1, 1), bytes(0xC3, 0x28));
        try (RawClient client = connected("c")) {
            client.subscribe("q", 0);
            client.send(illFormed);
            assertThat(client.packet()).containsExactly(0x40, 3, 0, 3, Reasons.PAYLOAD_FORMAT_INVALID);
            assertThat(client.isQuiet()).isTrue();
            client.send(packet(0x30, text("q"), bytes(2, 1, 1), bytes(0xC3, 0x28)));
            assertThat(client.packet()).startsWith(0xE0).contains(Reasons.PAYLOAD_FORMAT_INVALID);
        }
    }

    @Test
    @Statement({"MQTT-3.4.2-3", "MQTT-3.5.2-3", "MQTT-3.1.2-29", "MQTT-4.3.2-4"})
    void acknowledgementsTellTheOffsetWhereTheClientTakesIt() throws Exception {
        byte[] zero = property(0x26, join(text("offset"), text("0")));
        byte[] one = property(0x26, join(text("offset"), text("1")));
        try (RawClient client = connected("c");
                RawClient small = client();
                RawClient terse = client()) {
            client.publish(3, "q", 1, "first in its topic, and retained");
            assertThat(client.packet()).isEqualTo(packet(0x40, bytes(0, 1, 0), bytes(zero.length), zero));
            client.publish(4, "q", 2, "x");
            assertThat(client.packet()).isEqualTo(packet(0x50, bytes(0, 2, 0), bytes(one.length), one));
            small.connack(2, property(0x27, bytes(0, 0, 0, 17)), text("small"));
            assertThat(small.publish(2, "q", 3, "x").packet()).containsExactly(0x40, 2, 0, 3);
            terse.connack(2, property(0x17, bytes(0)), text("terse"));
            assertThat(terse.publish(2, "q", 4, "x").packet()).containsExactly(0x40, 2, 0, 4);
            assertThat(terse.publish(0, "q", 0, "x").isQuiet()).isTrue();
        }
    }

    @Test
    @Statement({"MQTT-4.3.2-5", "MQTT-4.3.3-9", "MQTT-4.3.3-12", "MQTT-4.3.3-8"})
    void aPacketIdIsANewMessageOnceItsHandshakeHasEnded() throws Exception {
        try (RawClient client = connected("c");
                RawClient watcher = connected("w")) {
            watcher.subscribe("q", 0);
            client.publish(2, "q", 7, "a").packet();
            client.publish(8 | 2, "q", 7, "b").packet();
            assertThat(client.publish(4, "$x", 7, "refused").packet())
                    .containsExactly(0x50, 3, 0, 7, Reasons.TOPIC_NAME_INVALID);
            client.publish(4, "q", 7, "c").packet();
            client.ack(PacketWriter.PUBREL, 7).packet();
            client.publish(4, "q", 7, "d").packet();
            for (String payload : new String[] {"a", "b", "c", "d"}) {
                assertThat(watcher.received().payload()).isEqualTo(payload);
            }
        }
    }

    @Test
    @Statement(value = {"MQTT-3.3.2-5", "MQTT-4.3.3-13", "MQTT-4.3.3-7"})
    void anExpiredMessageIsAcknowledgedButNotDelivered() throws Exception {
        byte[] now = property(0x02, bytes(0, 0, 0, 0));
        try (RawClient client = connected("c")) {
            client.subscribe("q", 2);
            client.publish(4, "q", 7, "late", now);
            assertThat(client.packet()).startsWith(0x50);
            client.ack(PacketWriter.PUBREL, 7);
            assertThat(client.packet()).containsExactly(0x70, 2, 0, 7);
            store(client, "q", "next");
            assertThat(client.received().payload()).isEqualTo("next");
        }
    }

    @Test
    @Statement(v3 = {"MQTT-2.3.1-6", "MQTT-4.3.2-2", "MQTT-4.3.3-2", "MQTT-3.3.4-1"})
    void version3IsAcknowledgedByItsIds() throws Exception {
        try (RawClient three = client()) {
            three.connect3("three", 2);
            assertThat(three.publish(2, "q", 300, "x").packet()).containsExactly(0x40, 2, 1, 44);
            assertThat(three.publish(4, "q", 301, "x").packet()).containsExactly(0x50, 2, 1, 45);
            assertThat(three.ack(PacketWriter.PUBREL, 301).packet()).containsExactly(0x70, 2, 1, 45);
        }
    }
}
