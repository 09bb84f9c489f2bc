package io.robustmq.mqtt.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Packets as bytes, good and bad: the tests write them field by field. */
public final class Packets {
    private Packets() {}

    /** A packet of these parts behind its first byte and remaining length. */
    public static byte[] packet(int firstByte, byte[]... parts) {
        byte[] body = join(parts);
        return join(bytes(firstByte), number(body.length), body);
    }

    public static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** UTF-8 behind its two-byte length. */
    public static byte[] text(String text) {
        return block(text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] block(byte[] data) {
        return join(bytes(data.length >>> 8, data.length & 0xFF), data);
    }

    /** A property block: its length and these properties. */
    public static byte[] properties(byte[]... properties) {
        byte[] body = join(properties);
        return join(number(body.length), body);
    }

    public static byte[] property(int id, byte[] value) {
        return join(bytes(id), value);
    }

    public static byte[] number(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int left = value;
        do {
            out.write(left > 127 ? (left & 127) | 128 : left);
            left >>>= 7;
        } while (left > 0);
        return out.toByteArray();
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** CONNECT with a client id, clean start, and no more. */
    public static byte[] connect(int version) {
        return connect(version, 0x02, bytes(), text("client"));
    }

    /** {@code properties} without their length; only MQTT 5 has them. */
    public static byte[] connect(int version, int flags, byte[] properties, byte[] payload) {
        byte[] name = text(version == 3 ? "MQIsdp" : "MQTT");
        byte[] block = version == 5 ? properties(properties) : bytes();
        return packet(0x10, name, bytes(version, flags, 0, 60), block, payload);
    }

    /** One good packet of each kind that a client sends in MQTT 5, as full as it can be; CONNECT first. */
    public static Map<String, byte[]> golden5() {
        Map<String, byte[]> packets = new LinkedHashMap<>();
        byte[] user = property(0x26, join(text("n"), text("v")));
        byte[] reason = property(0x1F, text("why"));
        byte[] will = properties(
                property(0x18, bytes(0, 0, 0, 5)),
                property(0x01, bytes(1)),
                property(0x02, bytes(0, 0, 0, 9)),
                property(0x03, text("t/p")),
                property(0x08, text("re")),
                property(0x09, block(bytes(1, 2))),
                user,
                user);
        byte[] connectProperties = join(
                property(0x11, bytes(0, 0, 1, 0)),
                property(0x21, bytes(0, 10)),
                property(0x27, bytes(0, 1, 0, 0)),
                property(0x22, bytes(0, 5)),
                property(0x19, bytes(1)),
                property(0x17, bytes(0)),
                property(0x15, text("SCRAM")),
                property(0x16, block(bytes(9))),
                user);
        byte[] payload = join(text("id"), will, text("will/t"), block(bytes(7, 7)), text("user"), block(bytes(8)));
        packets.put("CONNECT", connect(5, 0xEE, connectProperties, payload));
        byte[] publishProperties = properties(
                property(0x01, bytes(1)),
                property(0x02, bytes(0, 0, 0, 9)),
                property(0x23, bytes(0, 3)),
                property(0x08, text("re/ply")),
                property(0x09, block(bytes(1))),
                user,
                user,
                property(0x03, text("c")));
        packets.put("PUBLISH", packet(0x3D, text("a/b"), bytes(0, 7), publishProperties, bytes(1, 2, 3)));
        packets.put("PUBACK", packet(0x40, bytes(0, 7, 0x10), properties(reason, user)));
        packets.put("PUBREC", packet(0x50, bytes(0, 7, 0x97), properties(reason)));
        packets.put("PUBREL", packet(0x62, bytes(0, 7, 0x92), properties(user)));
        packets.put("PUBCOMP", packet(0x70, bytes(0, 7, 0x00)));
        byte[] id = properties(property(0x0B, number(300)), user);
        packets.put("SUBSCRIBE", packet(0x82, bytes(0, 8), id, text("a/#"), bytes(0x2E), text("$share/g/b"), bytes(1)));
        packets.put("UNSUBSCRIBE", packet(0xA2, bytes(0, 9), properties(user), text("a/#"), text("b")));
        packets.put("PINGREQ", packet(0xC0));
        packets.put("AUTH", packet(0xF0, bytes(0x19), properties(property(0x15, text("SCRAM")), reason)));
        byte[] bye = properties(property(0x11, bytes(0, 0, 0, 1)), reason, user);
        packets.put("DISCONNECT", packet(0xE0, bytes(0x04), bye));
        return packets;
    }

    /** The same for MQTT 3.1. */
    public static Map<String, byte[]> golden3() {
        Map<String, byte[]> packets = golden4();
        byte[] payload = join(text("id"), text("will/t"), block(bytes(7, 7)), text("user"), block(bytes(8)));
        packets.put("CONNECT", connect(3, 0xEE, bytes(), payload));
        return packets;
    }

    /** What only a server sends. */
    public static Map<String, byte[]> ofServers() {
        Map<String, byte[]> packets = new LinkedHashMap<>();
        packets.put("CONNACK", packet(0x20, bytes(0, 0, 0)));
        packets.put("SUBACK", packet(0x90, bytes(0, 1, 0, 0)));
        packets.put("UNSUBACK", packet(0xB0, bytes(0, 1, 0, 0)));
        packets.put("PINGRESP", packet(0xD0));
        packets.put("RESERVED", packet(0x00));
        return packets;
    }

    /** The same for MQTT 3.1.1. */
    public static Map<String, byte[]> golden4() {
        Map<String, byte[]> packets = new LinkedHashMap<>();
        byte[] payload = join(text("id"), text("will/t"), block(bytes(7, 7)), text("user"), block(bytes(8)));
        packets.put("CONNECT", connect(4, 0xEE, bytes(), payload));
        packets.put("PUBLISH", packet(0x33, text("a/b"), bytes(0, 7), bytes(1, 2, 3)));
        packets.put("PUBACK", packet(0x40, bytes(0, 7)));
        packets.put("PUBREC", packet(0x50, bytes(0, 7)));
        packets.put("PUBREL", packet(0x62, bytes(0, 7)));
        packets.put("PUBCOMP", packet(0x70, bytes(0, 7)));
        packets.put("SUBSCRIBE", packet(0x82, bytes(0, 8), text("a/#"), bytes(1), text("b"), bytes(2)));
        packets.put("UNSUBSCRIBE", packet(0xA2, bytes(0, 9), text("a/#"), text("b")));
        packets.put("PINGREQ", packet(0xC0));
        packets.put("DISCONNECT", packet(0xE0));
        return packets;
    }
}
