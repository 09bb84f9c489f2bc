package io.robustmq.mqtt.wire;

import static io.robustmq.mqtt.wire.Packets.block;
import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.connect;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.number;
import static io.robustmq.mqtt.wire.Packets.packet;
import static io.robustmq.mqtt.wire.Packets.properties;
import static io.robustmq.mqtt.wire.Packets.property;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.conformance.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One statement of the specification each: what must not be accepted is not, by the frame decoder or what follows. */
class MalformedPacketTest {
    private static final byte[] NO_PROPERTIES = bytes(0);

    /** Section 2.2.2.2 */
    @Test
    void singleValuePropertyTwiceIsAProtocolError() {
        byte[] expiry = property(0x02, bytes(0, 0, 0, 1));
        assertRefused(5, 0x82, packet(0x30, text("t"), properties(expiry, expiry)));
        byte[] receiveMaximum = property(0x21, bytes(0, 1));
        assertConnectRefused(0x82, connect(5, 2, join(receiveMaximum, receiveMaximum), text("c")));
        byte[] id = property(0x0B, number(1));
        assertRefused(5, 0x82, packet(0x82, bytes(0, 1), properties(id, id), text("a"), bytes(0)));
        byte[] reason = property(0x1F, text("x"));
        assertRefused(5, 0x82, packet(0x40, bytes(0, 1, 0), properties(reason, reason)));
    }

    /** Section 2.2.2.2 */
    @Test
    void propertyInTheWrongPacketIsMalformed() {
        assertRefused(5, 0x81, packet(0x30, text("t"), properties(property(0x11, bytes(0, 0, 0, 1)))));
        assertRefused(5, 0x81, packet(0x82, bytes(0, 1), properties(property(0x1F, text("x"))), text("a"), bytes(0)));
        assertRefused(5, 0x81, packet(0xA2, bytes(0, 1), properties(property(0x0B, number(1))), text("a")));
        assertRefused(5, 0x81, packet(0x40, bytes(0, 1, 0), properties(property(0x02, bytes(0, 0, 0, 1)))));
        assertRefused(5, 0x81, packet(0xE0, bytes(0), properties(property(0x1C, text("elsewhere")))));
        assertConnectRefused(0x81, connect(5, 2, property(0x12, text("assigned")), text("c")));
        byte[] will = properties(property(0x23, bytes(0, 1)));
        assertConnectRefused(0x81, connect(5, 6, bytes(), join(text("c"), will, text("w"), block(bytes(1)))));
    }

    @Test
    void unknownPropertyIsMalformed() {
        for (int id : new int[] {0x00, 0x04, 0x0A, 0x2B, 0x3F, 0x40, 0x7F}) {
            assertRefused(5, 0x81, packet(0x30, text("t"), properties(property(id, bytes(0, 0, 0, 0)))));
        }
        assertRefused(5, 0x81, packet(0x30, text("t"), properties(join(number(0x81), bytes(1)))));
    }

    /** Sections 3.1.2.11.6 and 3.1.2.11.7 */
    @Test
    void booleanPropertyOtherThan0Or1IsAProtocolError() {
        assertConnectRefused(0x82, connect(5, 2, property(0x17, bytes(2)), text("c")));
        assertConnectRefused(0x82, connect(5, 2, property(0x19, bytes(255)), text("c")));
    }

    /** Section 3.3.2.3.2 */
    @Test
    void payloadFormat2IsAProtocolError() {
        assertRefused(5, 0x82, packet(0x30, text("t"), properties(property(0x01, bytes(2)))));
    }

    /** Sections 3.1.2.11.3 and 3.1.2.11.4 */
    @Test
    void receiveMaximumAndMaximumPacketSizeOfZeroAreProtocolErrors() {
        assertConnectRefused(0x82, connect(5, 2, property(0x21, bytes(0, 0)), text("c")));
        assertConnectRefused(0x82, connect(5, 2, property(0x27, bytes(0, 0, 0, 0)), text("c")));
    }

    /** [MQTT-3.3.2-8] */
    @Test
    @Statement("MQTT-3.3.2-8")
    void topicAliasOfZeroIsRefused() {
        assertRefused(5, 0x94, packet(0x30, text("t"), properties(property(0x23, bytes(0, 0)))));
    }

    /** Section 3.8.2.1.2 */
    @Test
    void subscriptionIdentifierOfZeroIsAProtocolError() {
        assertRefused(5, 0x82, packet(0x82, bytes(0, 1), properties(property(0x0B, number(0))), text("a"), bytes(0)));
    }

    /** [MQTT-3.3.4-6] */
    @Test
    @Statement("MQTT-3.3.4-6")
    void subscriptionIdentifierInAClientsPublishIsAProtocolError() {
        assertRefused(5, 0x82, packet(0x30, text("t"), properties(property(0x0B, number(1)))));
    }

    /** Section 3.1.2.11.10 */
    @Test
    void authenticationDataWithoutMethodIsAProtocolError() {
        assertConnectRefused(0x82, connect(5, 2, property(0x16, block(bytes(1))), text("c")));
        assertRefused(5, 0x82, packet(0xF0, bytes(0x18), properties(property(0x16, block(bytes(1))))));
    }

    /** Section 3.15.2.2.2 */
    @Test
    @Statement("MQTT-3.15.2-1")
    void authWithoutMethodOrWithTheServersReasonIsAProtocolError() {
        byte[] method = properties(property(0x15, text("m")));
        assertAccepted(5, packet(0xF0, bytes(0x18), method));
        assertRefused(5, 0x82, packet(0xF0));
        assertRefused(5, 0x82, packet(0xF0, bytes(0x18)));
        assertRefused(5, 0x82, packet(0xF0, bytes(0x18), NO_PROPERTIES));
        assertRefused(5, 0x82, packet(0xF0, bytes(0x00), method));
        assertRefused(5, 0x82, packet(0xF0, bytes(0x87), method));
    }

    /** [MQTT-3.1.2-11], [MQTT-3.1.2-12], [MQTT-3.1.2-13] */
    @Test
    @Statement(
            value = {"MQTT-3.1.2-9", "MQTT-3.1.2-11", "MQTT-3.1.2-12", "MQTT-3.1.2-13"},
            v3 = {"MQTT-3.1.2-9", "MQTT-3.1.2-11", "MQTT-3.1.2-13", "MQTT-3.1.2-14", "MQTT-3.1.2-15"})
    void willFlagsMustFitTogether() {
        assertConnectRefused(
                0x81, connect(5, 0x02 | 0x1C, bytes(), join(text("c"), NO_PROPERTIES, text("w"), text("p"))));
        for (int version = 3; version <= 5; version++) {
            assertConnectRefused(0x81, connect(version, 0x0A, bytes(), text("c")));
            assertConnectRefused(0x81, connect(version, 0x12, bytes(), text("c")));
            assertConnectRefused(0x81, connect(version, 0x22, bytes(), text("c")));
            assertConnectRefused(0x81, connect(version, 0x1A, bytes(), text("c")));
        }
    }

    /** [MQTT-3.1.2-3] */
    @Test
    @Statement(value = "MQTT-3.1.2-3", v3 = "MQTT-3.1.2-3")
    void reservedConnectFlagIsMalformed() {
        assertConnectRefused(0x81, connect(4, 0x03, bytes(), text("c")));
        assertConnectRefused(0x81, connect(5, 0x03, bytes(), text("c")));
    }

    /** [MQTT-3.1.2-22] of 3.1.1; MQTT 5 took it back. */
    @Test
    @Statement(v3 = "MQTT-3.1.2-22")
    void passwordNeedsAUserNameBeforeMqtt5() {
        byte[] payload = join(text("c"), block(bytes(1)));
        assertConnectRefused(0x81, connect(4, 0x42, bytes(), payload));
        assertConnectRefused(0, connect(5, 0x42, bytes(), payload));
    }

    /** [MQTT-3.1.2-1], [MQTT-3.1.2-2] */
    @Test
    @Statement(
            value = {"MQTT-3.1.2-1", "MQTT-3.1.2-2"},
            v3 = "MQTT-3.1.2-1")
    void unknownProtocolOrLevelIsAnUnsupportedVersion() {
        assertConnectRefused(0x84, packet(0x10, text("MQTT"), bytes(6, 2, 0, 0, 0), text("c")));
        assertConnectRefused(0x84, packet(0x10, text("MQTT"), bytes(3, 2, 0, 0), text("c")));
        assertConnectRefused(0x84, packet(0x10, text("MQTT"), bytes(0x84, 2, 0, 0), text("c")));
        assertConnectRefused(0x84, packet(0x10, text("MQIsdp"), bytes(4, 2, 0, 0), text("c")));
        assertConnectRefused(0x84, packet(0x10, text("mqtt"), bytes(4, 2, 0, 0), text("c")));
        assertConnectRefused(0x81, packet(0x10));
    }

    /** [MQTT-3.3.1-2], [MQTT-3.3.1-4] */
    @Test
    @Statement(
            value = {"MQTT-3.3.1-2", "MQTT-3.3.1-4"},
            v3 = {"MQTT-3.3.1-2", "MQTT-3.3.1-4"})
    void dupWithQos0AndQos3AreMalformed() {
        assertRefused(4, 0x81, packet(0x38, text("t")));
        assertRefused(5, 0x81, packet(0x38, text("t"), NO_PROPERTIES));
        assertRefused(4, 0x81, packet(0x36, text("t"), bytes(0, 1)));
        assertAccepted(4, packet(0x3A, text("t"), bytes(0, 1)));
    }

    /** Sections 3.3.2.1 and 4.7.3 */
    @Test
    @Statement(
            value = {"MQTT-3.3.2-1", "MQTT-4.7.3-1"},
            v3 = {"MQTT-3.3.2-1", "MQTT-4.7.3-1"})
    void publishNeedsATopicOrAnAlias() {
        assertRefused(5, 0x82, packet(0x30, text(""), NO_PROPERTIES));
        assertAccepted(5, packet(0x30, text(""), properties(property(0x23, bytes(0, 1)))));
        assertRefused(4, 0x81, packet(0x30, text("")));
    }

    /** [MQTT-3.3.2-2] */
    @Test
    @Statement(
            value = {"MQTT-3.3.2-2", "MQTT-4.7.0-1"},
            v3 = {"MQTT-3.3.2-2", "MQTT-4.7.1-1"})
    void publishToAWildcardIsRefused() {
        assertRefused(4, Connection.REFUSED_BY_NETTY, packet(0x30, text("a/+")));
        assertRefused(5, Connection.REFUSED_BY_NETTY, packet(0x30, text("#"), NO_PROPERTIES));
    }

    /** [MQTT-3.3.2-14] */
    @Test
    @Statement("MQTT-3.3.2-14")
    void responseTopicWithWildcardIsAProtocolError() {
        assertRefused(5, 0x82, packet(0x30, text("t"), properties(property(0x08, text("a/+")))));
        assertRefused(5, 0x82, packet(0x30, text("t"), properties(property(0x08, text("")))));
        byte[] will = properties(property(0x08, text("#")));
        assertConnectRefused(0x82, connect(5, 6, bytes(), join(text("c"), will, text("w"), block(bytes(1)))));
    }

    @Test
    void willMustHaveATopicName() {
        assertConnectRefused(0x90, connect(4, 6, bytes(), join(text("c"), text("a/#"), text("p"))));
        assertConnectRefused(0x81, connect(4, 6, bytes(), join(text("c"), text(""), text("p"))));
    }

    /** [MQTT-3.8.3-2], [MQTT-3.10.3-2] */
    @Test
    @Statement(
            value = {"MQTT-3.8.3-2", "MQTT-3.10.3-2"},
            v3 = {"MQTT-3.8.3-3", "MQTT-3.10.3-2"})
    void subscribeAndUnsubscribeNeedAFilter() {
        assertRefused(4, 0x82, packet(0x82, bytes(0, 1)));
        assertRefused(5, 0x82, packet(0x82, bytes(0, 1), NO_PROPERTIES));
        assertRefused(4, 0x82, packet(0xA2, bytes(0, 1)));
        assertRefused(5, 0x82, packet(0xA2, bytes(0, 1), NO_PROPERTIES));
    }

    /** [MQTT-3.8.3-5]; [MQTT-3.8.3-4] of 3.1.1 */
    @Test
    @Statement(value = "MQTT-3.8.3-5", v3 = "MQTT-3.8.3-4")
    void reservedSubscriptionOptionBitsAreMalformed() {
        for (int options : new int[] {0x40, 0x80, 0xC1, 0x03}) {
            assertRefused(5, 0x81, packet(0x82, bytes(0, 1), NO_PROPERTIES, text("a"), bytes(options)));
        }
        for (int options : new int[] {0x04, 0x08, 0x10, 0x80, 0x03}) {
            assertRefused(4, 0x81, packet(0x82, bytes(0, 1), text("a"), bytes(options)));
        }
        assertRefused(5, 0x82, packet(0x82, bytes(0, 1), NO_PROPERTIES, text("a"), bytes(0x30)));
        assertAccepted(5, packet(0x82, bytes(0, 1), NO_PROPERTIES, text("a"), bytes(0x2E)));
    }

    /** [MQTT-3.8.3-4] */
    @Test
    @Statement("MQTT-3.8.3-4")
    void noLocalOnASharedSubscriptionIsAProtocolError() {
        assertRefused(5, 0x82, packet(0x82, bytes(0, 1), NO_PROPERTIES, text("$share/g/a"), bytes(0x04)));
        assertAccepted(5, packet(0x82, bytes(0, 1), NO_PROPERTIES, text("$shared/g/a"), bytes(0x04)));
    }

    /** [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.8.2-1], [MQTT-4.8.2-2] */
    @Test
    @Statement(
            value = {"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1", "MQTT-4.8.2-1", "MQTT-4.8.2-2"},
            v3 = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-1"})
    void malformedFiltersAreRefused() {
        for (String filter : new String[] {"", "a/#/b", "a+", "#a", "$share/g", "$share//a", "$share/+/a"}) {
            assertRefused(5, 0x8F, packet(0x82, bytes(0, 1), NO_PROPERTIES, text(filter), bytes(0)));
            assertRefused(4, 0x8F, packet(0x82, bytes(0, 1), text(filter), bytes(0)));
            assertRefused(4, 0x8F, packet(0xA2, bytes(0, 1), text(filter)));
        }
        assertAccepted(4, packet(0x82, bytes(0, 1), text("a/".repeat(1_000)), bytes(0)));
    }

    /** [MQTT-3.4.2-1], [MQTT-3.5.2-1], [MQTT-3.6.2-1], [MQTT-3.7.2-1], [MQTT-3.14.2-1] */
    @Test
    @Statement({"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1", "MQTT-3.14.2-1"})
    void unknownReasonCodesAreProtocolErrors() {
        assertRefused(5, 0x82, packet(0x40, bytes(0, 1, 0x01)));
        assertRefused(5, 0x82, packet(0x50, bytes(0, 1, 0x92)));
        assertRefused(5, 0x82, packet(0x62, bytes(0, 1, 0x10)));
        assertRefused(5, 0x82, packet(0x70, bytes(0, 1, 0xFF)));
        assertRefused(5, 0x82, packet(0xE0, bytes(0x8E)));
        assertRefused(5, 0x82, packet(0xE0, bytes(0x40)));
        assertAccepted(5, packet(0xE0, bytes(0x04)));
        assertAccepted(5, packet(0x62, bytes(0, 1, 0x92)));
    }

    /** [MQTT-2.1.3-1]: flags reserved for each type. */
    @Test
    @Statement(
            value = {"MQTT-2.1.3-1", "MQTT-3.6.1-1", "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT-3.14.1-1", "MQTT-3.15.1-1"},
            v3 = {"MQTT-2.2.2-1", "MQTT-2.2.2-2", "MQTT-3.6.1-1", "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT-3.14.1-1"})
    void reservedFlagsOfTheFixedHeaderAreMalformed() {
        for (Map.Entry<String, byte[]> golden : Packets.golden5().entrySet()) {
            int firstByte = golden.getValue()[0] & 0xFF;
            if (firstByte >>> 4 == 3 || firstByte >>> 4 == 1) {
                continue;
            }
            for (int flags = 0; flags < 16; flags++) {
                byte[] changed = golden.getValue().clone();
                changed[0] = (byte) ((firstByte & 0xF0) | flags);
                if (changed[0] != golden.getValue()[0]) {
                    assertRefused(5, 0x81, changed);
                }
            }
        }
    }

    /** Section 2.1.2 */
    @Test
    void reservedPacketTypesAndTheServersOwnAreRefused() {
        for (int version = 3; version <= 5; version++) {
            assertRefused(version, 0x81, packet(0x00));
            assertRefused(version, 0x82, packet(0x20, bytes(0, 0)));
            assertRefused(version, 0x82, packet(0x90, bytes(0, 1, 0)));
            assertRefused(version, 0x82, packet(0xB0, bytes(0, 1)));
            assertRefused(version, 0x82, packet(0xD0));
        }
        assertRefused(4, 0x81, packet(0xF0));
    }

    /** [MQTT-1.5.5-1] */
    @Test
    @Statement("MQTT-1.5.5-1")
    void lengthsMustBeShortAndTheShortestPossible() {
        assertRefused(4, 0x81, bytes(0x30, 0x80, 0x80, 0x80, 0x80, 0x01));
        assertRefused(5, 0x81, bytes(0xC0, 0x80, 0x00));
        assertAccepted(4, bytes(0xC0, 0x80, 0x00));
        assertRefused(5, 0x81, packet(0x30, text("t"), bytes(0x80, 0x00)));
        assertRefused(5, 0x81, packet(0x30, text("t"), bytes(0x80, 0x80, 0x80, 0x80, 0x01)));
        assertRefused(5, 0x81, packet(0x30, text("t"), bytes(9, 0x26)));
    }

    /** [MQTT-2.2.1-3] */
    @Test
    @Statement(value = "MQTT-2.2.1-3", v3 = "MQTT-2.3.1-1")
    void packetIdentifierOfZeroIsMalformed() {
        assertRefused(4, 0x81, packet(0x32, text("t"), bytes(0, 0)));
        assertRefused(4, 0x81, packet(0x40, bytes(0, 0)));
        assertRefused(4, 0x81, packet(0x82, bytes(0, 0), text("a"), bytes(0)));
    }

    @Test
    void bytesBehindTheEndOfAPacketsContentsAreMalformed() {
        assertRefused(4, 0x81, packet(0xC0, bytes(0)));
        assertRefused(4, 0x81, packet(0xE0, bytes(0)));
        assertRefused(4, 0x81, packet(0x40, bytes(0, 1, 0)));
        assertRefused(5, 0x81, packet(0x40, bytes(0, 1, 0, 0, 0)));
        assertConnectRefused(0x81, connect(4, 2, bytes(), join(text("c"), bytes(1))));
    }

    /** [MQTT-1.5.4-1], [MQTT-1.5.4-2]: Netty's part. */
    @Test
    @Statement(
            value = {
                "MQTT-1.5.4-1",
                "MQTT-1.5.4-2",
                "MQTT-1.5.7-1",
                "MQTT-3.1.3-4",
                "MQTT-3.1.3-12",
                "MQTT-3.3.2-19",
                "MQTT-3.8.3-1",
                "MQTT-3.10.3-1",
                "MQTT-4.7.3-2"
            },
            v3 = {
                "MQTT-1.5.3-1",
                "MQTT-1.5.3-2",
                "MQTT-3.1.3-4",
                "MQTT-3.1.3-11",
                "MQTT-3.8.3-1",
                "MQTT-3.10.3-1",
                "MQTT-4.7.3-2"
            })
    void illFormedTextIsRefusedEverywhere() {
        for (byte[] bad : new byte[][] {bytes(0xC3, 0x28), bytes(0xED, 0xA0, 0x80), bytes('a', 0), bytes(0xC0, 0x80)}) {
            byte[] text = block(bad);
            assertRefused(4, Connection.REFUSED_BY_NETTY, packet(0x30, text));
            assertRefused(4, Connection.REFUSED_BY_NETTY, packet(0x82, bytes(0, 1), text, bytes(0)));
            assertRefused(4, Connection.REFUSED_BY_NETTY, packet(0xA2, bytes(0, 1), text));
            byte[] user = properties(property(0x26, join(text("n"), text)));
            assertRefused(5, Connection.REFUSED_BY_NETTY, packet(0x30, text("t"), user));
            byte[] contentType = properties(property(0x03, text));
            assertRefused(5, Connection.REFUSED_BY_NETTY, packet(0x30, text("t"), contentType));
            assertConnectRefused(Connection.REFUSED_BY_NETTY, connect(4, 2, bytes(), text));
            assertConnectRefused(Connection.REFUSED_BY_NETTY, connect(4, 0x82, bytes(), join(text("c"), text)));
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.2-16", "MQTT-3.1.2-17", "MQTT-3.1.2-18", "MQTT-3.1.2-19", "MQTT-3.1.4-1"},
            v3 = {"MQTT-3.1.2-18", "MQTT-3.1.2-19", "MQTT-3.1.2-20", "MQTT-3.1.2-21"})
    void userNameAndPasswordAreThereWhenTheirFlagsSaySo() {
        byte[] user = join(text("c"), text("user"));
        for (int version = 4; version <= 5; version++) {
            assertConnectRefused(0x81, connect(version, 0x02, bytes(), user));
            assertConnectRefused(0x81, connect(version, 0x82, bytes(), text("c")));
            assertConnectRefused(0x81, connect(version, 0xC2, bytes(), user));
            assertConnectRefused(0x81, connect(version, 0x82, bytes(), join(user, block(bytes(1)))));
            assertConnectRefused(0, connect(version, 0xC2, bytes(), join(user, block(bytes(1)))));
        }
    }

    private static void assertAccepted(int version, byte[] packet) {
        assertRefused(version, 0, packet);
    }

    private static void assertRefused(int version, int reasonCode, byte[] packet) {
        try (Connection connection = Connection.open(version)) {
            assertThat(connection.refusal(packet)).isEqualTo(reasonCode);
        }
    }

    private static void assertConnectRefused(int reasonCode, byte[] packet) {
        try (Connection connection = new Connection()) {
            assertThat(connection.refusal(packet)).isEqualTo(reasonCode);
        }
    }
}
