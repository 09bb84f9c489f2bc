package io.robustmq.mqtt.wire;

import static io.robustmq.mqtt.wire.MalformedPacketException.malformed;
import static io.robustmq.mqtt.wire.MalformedPacketException.protocolError;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.mqtt.wire.PropertyRules.Place;

/**
 * Checks the bytes of whole packets from a client for what Netty's decoder lets pass or forgets: property blocks,
 * reserved bits, reason codes. Text is left to Netty, which looks at each character anyway. Owned by the connection's loop;
 * learns the protocol version from CONNECT, which must come first [MQTT-3.1.0-1].
 */
final class MqttWireCheck {
    static final int NO_VERSION = 0;

    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int PUBREC = 5;
    private static final int PUBREL = 6;
    private static final int PUBCOMP = 7;
    private static final int SUBSCRIBE = 8;
    private static final int UNSUBSCRIBE = 10;
    private static final int PINGREQ = 12;
    private static final int DISCONNECT = 14;
    private static final int AUTH = 15;

    private final PacketCursor cursor = new PacketCursor(Unpooled.EMPTY_BUFFER);
    private int version = NO_VERSION;

    /** 3 for MQTT 3.1, 4 for 3.1.1, 5; {@link #NO_VERSION} before CONNECT. */
    int version() {
        return version;
    }

    /** By its first byte alone, so that what cannot be right is not waited for. */
    void checkFirstByte(int firstByte) {
        int type = firstByte >>> 4;
        if (version == NO_VERSION && type != CONNECT) {
            throw protocolError("the first packet is not CONNECT [MQTT-3.1.0-1]");
        }
        int flags = firstByte & 0x0F;
        switch (type) {
            case PUBLISH -> checkPublishFlags(flags);
            case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> expectFlags(flags, 2);
            case CONNECT, PUBACK, PUBREC, PUBCOMP, PINGREQ, DISCONNECT -> expectFlags(flags, 0);
            case AUTH -> {
                if (version != 5) {
                    throw malformed("packet type 15 is reserved before MQTT 5 (section 2.2.1)");
                }
                expectFlags(flags, 0);
            }
            case 0 -> throw malformed("packet type 0 is reserved (section 2.1.2)");
            default -> throw protocolError("packet type " + type + " is sent by servers only (section 2.1.2)");
        }
    }

    /** Borrows the packet between {@code start} and {@code end}, with a fixed header of {@code headerBytes}. */
    void check(ByteBuf packet, int start, int headerBytes, int end) {
        cursor.reset(packet, start + headerBytes, end);
        int firstByte = packet.getUnsignedByte(start);
        switch (firstByte >>> 4) {
            case CONNECT -> checkConnect();
            case PUBLISH -> checkPublish((firstByte >>> 1) & 3);
            case PUBACK, PUBREC -> checkAcknowledgement(ReasonCodes.PUBACK);
            case PUBREL, PUBCOMP -> checkAcknowledgement(ReasonCodes.PUBREL);
            case SUBSCRIBE -> checkSubscribe();
            case UNSUBSCRIBE -> checkUnsubscribe();
            case PINGREQ -> expectEnd();
            case DISCONNECT -> checkDisconnect();
            case AUTH -> checkAuth();
            default -> throw new AssertionError(firstByte);
        }
        if (version == 5 && headerBytes > 2 && packet.getByte(start + headerBytes - 1) == 0) {
            throw malformed("the remaining length is longer than it must be [MQTT-1.5.5-1]");
        }
    }

    private static void expectFlags(int flags, int expected) {
        if (flags != expected) {
            throw malformed(
                    "reserved flags of the fixed header are " + flags + ", not " + expected + " [MQTT-2.1.3-1]");
        }
    }

    private static void checkPublishFlags(int flags) {
        int qos = (flags >>> 1) & 3;
        if (qos == 3) {
            throw malformed("QoS 3 [MQTT-3.3.1-4]");
        }
        if (qos == 0 && (flags & 8) != 0) {
            throw malformed("DUP with QoS 0 [MQTT-3.3.1-2]");
        }
    }

    private void checkConnect() {
        version = readVersion();
        int flags = cursor.readByte();
        checkConnectFlags(flags);
        cursor.skip(2);
        if (version == 5) {
            PropertyRules.check(cursor, Place.CONNECT);
        }
        cursor.skipBlock();
        if ((flags & 0x04) != 0) {
            if (version == 5) {
                PropertyRules.check(cursor, Place.WILL);
            }
            if (cursor.skipBlock() == 0) {
                throw malformed("a will without topic [MQTT-4.7.3-1]");
            }
            cursor.skipBlock();
        }
        if ((flags & 0x80) != 0) {
            cursor.skipBlock();
        }
        if ((flags & 0x40) != 0) {
            cursor.skipBlock();
        }
        expectEnd();
    }

    private int readVersion() {
        boolean isMqtt = cursor.skipIfText("MQTT");
        if (!isMqtt && !cursor.skipIfText("MQIsdp")) {
            throw unsupported("a protocol that is not MQTT [MQTT-3.1.2-1]");
        }
        int level = cursor.readByte();
        boolean known = isMqtt ? level == 4 || level == 5 : level == 3;
        if (!known) {
            throw unsupported("protocol level " + level + " [MQTT-3.1.2-2]");
        }
        return level;
    }

    private static MalformedPacketException unsupported(String sentence) {
        return new MalformedPacketException(Refusal.UNSUPPORTED_VERSION, sentence);
    }

    private void checkConnectFlags(int flags) {
        if ((flags & 1) != 0) {
            throw malformed("the reserved flag of CONNECT is set [MQTT-3.1.2-3]");
        }
        int willQos = (flags >>> 3) & 3;
        if (willQos == 3) {
            throw malformed("will QoS 3 [MQTT-3.1.2-12]");
        }
        if ((flags & 0x04) == 0 && willQos != 0) {
            throw malformed("will QoS without will [MQTT-3.1.2-11]");
        }
        if ((flags & 0x04) == 0 && (flags & 0x20) != 0) {
            throw malformed("will retain without will [MQTT-3.1.2-13]");
        }
        if (version < 5 && (flags & 0xC0) == 0x40) {
            throw malformed("a password without user name before MQTT 5 [MQTT-3.1.2-22]");
        }
    }

    private void checkPublish(int qos) {
        int topicBytes = cursor.skipBlock();
        if (qos > 0) {
            expectPacketId();
        }
        boolean hasAlias = version == 5 && PropertyRules.hasTopicAlias(PropertyRules.check(cursor, Place.PUBLISH));
        if (topicBytes == 0 && version == 5 && !hasAlias) {
            throw protocolError("PUBLISH with neither topic nor alias (section 3.3.2.1)");
        }
        if (topicBytes == 0 && version < 5) {
            throw malformed("PUBLISH without topic [MQTT-4.7.3-1]");
        }
    }

    private void checkAcknowledgement(ReasonCodes codes) {
        expectPacketId();
        if (version == 5 && cursor.hasMore()) {
            codes.check(cursor.readByte());
            if (cursor.hasMore()) {
                PropertyRules.check(cursor, Place.ACKNOWLEDGEMENT);
            }
        }
        expectEnd();
    }

    private void checkSubscribe() {
        expectPacketId();
        if (version == 5) {
            PropertyRules.check(cursor, Place.SUBSCRIBE);
        }
        if (!cursor.hasMore()) {
            throw protocolError("SUBSCRIBE without a filter [MQTT-3.8.3-2]");
        }
        while (cursor.hasMore()) {
            cursor.skipBlock();
            checkSubscriptionOptions(cursor.readByte());
        }
    }

    private void checkSubscriptionOptions(int options) {
        if ((options & 3) == 3) {
            throw malformed("a subscription with QoS 3 [MQTT-3.8.3-5]");
        }
        if (version == 5) {
            if ((options & 0xC0) != 0) {
                throw malformed("reserved bits of the subscription options are set [MQTT-3.8.3-5]");
            }
            if ((options & 0x30) == 0x30) {
                throw protocolError("retain handling 3 (section 3.8.3.1)");
            }
        } else if ((options & 0xFC) != 0) {
            throw malformed("reserved bits beside the requested QoS are set [MQTT-3.8.3-4 of 3.1.1]");
        }
    }

    private void checkUnsubscribe() {
        expectPacketId();
        if (version == 5) {
            PropertyRules.check(cursor, Place.UNSUBSCRIBE);
        }
        if (!cursor.hasMore()) {
            throw protocolError("UNSUBSCRIBE without a filter [MQTT-3.10.3-2]");
        }
        while (cursor.hasMore()) {
            cursor.skipBlock();
        }
    }

    private void checkDisconnect() {
        if (version == 5 && cursor.hasMore()) {
            ReasonCodes.DISCONNECT.check(cursor.readByte());
            if (cursor.hasMore()) {
                PropertyRules.check(cursor, Place.DISCONNECT);
            }
        }
        expectEnd();
    }

    private void checkAuth() {
        ReasonCodes.AUTH.check(cursor.hasMore() ? cursor.readByte() : 0);
        if (!cursor.hasMore() || !PropertyRules.hasAuthMethod(PropertyRules.check(cursor, Place.AUTH))) {
            throw protocolError("AUTH without an authentication method (section 3.15.2.2.2)");
        }
        expectEnd();
    }

    private void expectPacketId() {
        if (cursor.readShort() == 0) {
            throw malformed("a packet identifier of 0 [MQTT-2.2.1-3]");
        }
    }

    private void expectEnd() {
        if (cursor.hasMore()) {
            throw malformed(cursor.remaining() + " bytes follow the end of the packet's contents");
        }
    }
}
