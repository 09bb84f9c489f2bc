package io.robustmq.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/** Writes packets into a buffer. Borrows its target. */
public final class PacketWriter {
    public static final int PUBLISH = 0x30;
    public static final int PUBACK = 0x40;
    public static final int PUBREC = 0x50;
    public static final int PUBREL = 0x62;
    public static final int PUBCOMP = 0x70;
    private static final int CONNACK = 0x20;
    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xB0;
    private static final int PINGRESP = 0xD0;
    private static final int DISCONNECT = 0xE0;
    private static final int AUTH = 0xF0;
    private static final int AUTHENTICATION_METHOD = 0x15;
    private static final int AUTHENTICATION_DATA = 0x16;
    private static final int SUBSCRIPTION_IDENTIFIER = 0x0B;
    private static final int TOPIC_ALIAS = 0x23;
    private static final int ALIAS_BYTES = 3;
    private static final int REASON_STRING = 0x1F;
    private static final int USER_PROPERTY = 0x26;
    private static final String OFFSET = "offset";

    private PacketWriter() {}

    /** PUBACK, PUBREC, PUBREL or PUBCOMP. */
    public static void ack(ByteBuf out, int header, int packetId, int reason, boolean v5) {
        out.writeByte(header);
        if (v5 && reason != 0) {
            out.writeByte(3);
            out.writeShort(packetId);
            out.writeByte(reason);
        } else {
            out.writeByte(2);
            out.writeShort(packetId);
        }
    }

    /** PUBACK or PUBREC of MQTT 5, with the offset as user property if that makes it no larger than {@code bytesMax}. */
    public static void ack(ByteBuf out, int header, int packetId, long offset, int bytesMax) {
        String value = Long.toString(offset);
        int properties = 1 + 2 + OFFSET.length() + 2 + value.length();
        int remaining = 3 + propertiesSize(properties);
        if (packetSize(remaining) > bytesMax) {
            ack(out, header, packetId, 0, true);
            return;
        }
        out.writeByte(header);
        varint(out, remaining);
        out.writeShort(packetId);
        out.writeByte(0);
        varint(out, properties);
        string(out, USER_PROPERTY, OFFSET);
        out.writeShort(value.length());
        ByteBufUtil.writeAscii(out, value);
    }

    public static void pingresp(ByteBuf out) {
        out.writeByte(PINGRESP);
        out.writeByte(0);
    }

    /**
     * CONNACK.
     *
     * @param properties null for MQTT 3; else their bytes without the length before them
     */
    public static void connack(ByteBuf out, boolean sessionPresent, int code, @Nullable ByteBuf properties) {
        int bytes = properties == null ? 0 : properties.readableBytes();
        out.writeByte(CONNACK);
        varint(out, properties == null ? 2 : 2 + varintSize(bytes) + bytes);
        out.writeByte(sessionPresent ? 1 : 0);
        out.writeByte(code);
        if (properties != null) {
            varint(out, bytes);
            out.writeBytes(properties);
        }
    }

    /** What a CONNACK of MQTT 5 with these properties takes. */
    public static int connackSize(ByteBuf properties) {
        return packetSize(2 + propertiesSize(properties.readableBytes()));
    }

    /** What a SUBACK or UNSUBACK of MQTT 5 takes. */
    public static int codesSize(int codes) {
        return packetSize(3 + codes);
    }

    private static int propertiesSize(int bytes) {
        return varintSize(bytes) + bytes;
    }

    private static int packetSize(int remaining) {
        return 1 + varintSize(remaining) + remaining;
    }

    public static void suback(ByteBuf out, int packetId, byte[] codes, boolean v5) {
        withCodes(out, SUBACK, packetId, codes, v5);
    }

    /** MQTT 3 has no codes in it. */
    public static void unsuback(ByteBuf out, int packetId, byte[] codes, boolean v5) {
        withCodes(out, UNSUBACK, packetId, v5 ? codes : new byte[0], v5);
    }

    private static void withCodes(ByteBuf out, int header, int packetId, byte[] codes, boolean v5) {
        out.writeByte(header);
        varint(out, 2 + (v5 ? 1 : 0) + codes.length);
        out.writeShort(packetId);
        if (v5) {
            out.writeByte(0);
        }
        out.writeBytes(codes);
    }

    /** MQTT 5 only. {@code text} is left out when empty, or when the packet would be larger than {@code bytesMax}. */
    public static void disconnect(ByteBuf out, int reason, String text, int bytesMax) {
        int wanted = text.isEmpty() ? 0 : 3 + ByteBufUtil.utf8Bytes(text);
        int textBytes = packetSize(1 + propertiesSize(wanted)) > bytesMax ? 0 : wanted;
        out.writeByte(DISCONNECT);
        varint(out, 1 + varintSize(textBytes) + textBytes);
        out.writeByte(reason);
        varint(out, textBytes);
        if (textBytes > 0) {
            string(out, REASON_STRING, text);
        }
    }

    /**
     * AUTH; MQTT 5 only.
     *
     * @param data left out when empty
     */
    public static void auth(ByteBuf out, int reason, String method, byte[] data) {
        int bytes = 3 + ByteBufUtil.utf8Bytes(method) + (data.length == 0 ? 0 : 3 + data.length);
        out.writeByte(AUTH);
        varint(out, 1 + varintSize(bytes) + bytes);
        out.writeByte(reason);
        varint(out, bytes);
        authentication(out, method, data);
    }

    /** The properties that carry an exchange; {@code data} is left out when empty. */
    public static void authentication(ByteBuf out, String method, byte[] data) {
        string(out, AUTHENTICATION_METHOD, method);
        if (data.length > 0) {
            out.writeByte(AUTHENTICATION_DATA).writeShort(data.length).writeBytes(data);
        }
    }

    /**
     * The head of a session's own PUBLISH, up to the payload.
     *
     * @param flags DUP, QoS and RETAIN
     * @param subscriptionIds null for none; MQTT 5 only
     * @param alias of {@link TopicAliases}; MQTT 5 only
     */
    static void publishHead(
            ByteBuf out,
            Encoded message,
            int flags,
            int packetId,
            int @Nullable [] subscriptionIds,
            boolean v5,
            int alias) {
        int idsBytes = alias == TopicAliases.NONE ? 0 : ALIAS_BYTES;
        if (subscriptionIds != null) {
            for (int id : subscriptionIds) {
                idsBytes += 1 + varintSize(id);
            }
        }
        int properties = message.propertiesBytes() + idsBytes;
        int topicBytes = alias > TopicAliases.NONE ? 2 : message.topicBytes();
        int remaining = topicBytes
                + (packetId == 0 ? 0 : 2)
                + (v5 ? varintSize(properties) + properties : 0)
                + message.payloadBytes();
        out.writeByte(PUBLISH | flags);
        varint(out, remaining);
        if (alias > TopicAliases.NONE) {
            out.writeShort(0);
        } else {
            out.writeBytes(message.buffer(), message.topicAt(), topicBytes);
        }
        if (packetId != 0) {
            out.writeShort(packetId);
        }
        if (v5) {
            varint(out, properties);
            out.writeBytes(message.buffer(), message.propertiesAt(), message.propertiesBytes());
            if (alias != TopicAliases.NONE) {
                out.writeByte(TOPIC_ALIAS);
                out.writeShort(Math.abs(alias));
            }
            if (subscriptionIds != null) {
                for (int id : subscriptionIds) {
                    out.writeByte(SUBSCRIPTION_IDENTIFIER);
                    varint(out, id);
                }
            }
        }
    }

    /** An upper bound of what {@link #publishHead} and the payload take. */
    public static int sizeBound(Encoded message, int subscriptionIds) {
        return 5
                + 2
                + 4
                + ALIAS_BYTES
                + 5 * subscriptionIds
                + message.topicBytes()
                + message.propertiesBytes()
                + message.payloadBytes();
    }

    /** A property that is a UTF-8 string. */
    public static void string(ByteBuf out, int property, String text) {
        out.writeByte(property);
        out.writeShort(ByteBufUtil.utf8Bytes(text));
        ByteBufUtil.writeUtf8(out, text);
    }

    public static void varint(ByteBuf out, int value) {
        int rest = value;
        while (rest > 0x7F) {
            out.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    public static int varintSize(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
}
