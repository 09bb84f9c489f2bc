package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.number;
import static io.robustmq.mqtt.wire.Packets.properties;
import static io.robustmq.mqtt.wire.Packets.property;
import static io.robustmq.mqtt.wire.Packets.text;

import io.robustmq.mqtt.wire.Packets;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** Bytes over a socket, for what no well-behaved client sends, and to see what the server sends to the letter. */
final class RawClient implements AutoCloseable {
    static final byte[] NO_PROPERTIES = {};

    private final Socket socket;
    private final InputStream in;
    private final ArrayDeque<byte[]> early = new ArrayDeque<>(0);
    private int version = 5;

    RawClient(int port) throws IOException {
        socket = new Socket();
        // Small, so that a client that does not read is soon felt by the server.
        socket.setReceiveBufferSize(8192);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A PUBLISH from the server. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Received(int flags, String topic, int packetId, byte[] properties, String payload) {
        boolean dup() {
            return (flags & 8) != 0;
        }

        int qos() {
            return (flags >>> 1) & 3;
        }

        boolean retain() {
            return (flags & 1) != 0;
        }
    }

    RawClient send(int... bytes) throws IOException {
        return send(bytes(bytes));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    void sendAll(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** CONNECT of MQTT 5, clean start, without properties. */
    RawClient connect(String clientId) throws IOException {
        accepted(join(text(clientId)), 2, NO_PROPERTIES);
        return this;
    }

    /** CONNECT of MQTT 5 with a session that lasts an hour; whether it was there. */
    boolean resume(String clientId, byte[]... more) throws IOException {
        byte[] expiry = property(0x11, bytes(0, 0, 14, 16));
        return accepted(text(clientId), 0, join(expiry, join(more)))[2] == 1;
    }

    /** CONNECT of MQTT 3.1.1. */
    byte[] connect3(String clientId, int flags) throws IOException {
        version = 4;
        send(Packets.connect(4, flags, NO_PROPERTIES, text(clientId)));
        return packet();
    }

    private byte[] accepted(byte[] payload, int flags, byte[] properties) throws IOException {
        byte[] connack = connack(flags, properties, payload);
        if (connack.length < 4 || connack[0] != 0x20 || connack[3] != 0) {
            throw new AssertionError("CONNACK " + java.util.Arrays.toString(connack));
        }
        return connack;
    }

    /** CONNECT of MQTT 5 with this; the answer. */
    byte[] connack(int flags, byte[] properties, byte[] payload) throws IOException {
        send(Packets.connect(5, flags, properties, payload));
        return packet();
    }

    /** Waits for SUBACK; its first code. */
    int subscribe(String filter, int options, byte[]... with) throws IOException {
        byte[] block = version == 5 ? properties(with) : NO_PROPERTIES;
        send(Packets.packet(0x82, bytes(0, 77), block, text(filter), bytes(options)));
        byte[] suback = read();
        while (suback.length > 0 && (suback[0] & 0xF0) == 0x30) {
            // A server may send what matches before SUBACK.
            early.add(suback);
            suback = read();
        }
        if (suback[0] != (byte) 0x90 || suback[3] != 77) {
            throw new AssertionError("SUBACK " + java.util.Arrays.toString(suback));
        }
        return suback[suback.length - 1] & 0xFF;
    }

    RawClient publish(int flags, String topic, int packetId, String payload, byte[]... with) throws IOException {
        byte[] id = (flags & 6) == 0 ? NO_PROPERTIES : bytes(packetId >>> 8, packetId & 0xFF);
        byte[] block = version == 5 ? properties(with) : NO_PROPERTIES;
        return send(Packets.packet(0x30 | flags, text(topic), id, block, payload.getBytes(StandardCharsets.UTF_8)));
    }

    /** The next packet, which must be a PUBLISH. */
    Received received() throws IOException {
        byte[] packet = packet();
        if (packet.length == 0 || (packet[0] & 0xF0) != 0x30) {
            throw new AssertionError("PUBLISH " + java.util.Arrays.toString(packet));
        }
        ByteBuffer body = ByteBuffer.wrap(packet);
        int flags = body.get() & 0x0F;
        readNumber(body);
        byte[] topic = new byte[body.getShort()];
        body.get(topic);
        int packetId = (flags & 6) == 0 ? 0 : body.getShort() & 0xFFFF;
        byte[] properties = new byte[version == 5 ? readNumber(body) : 0];
        body.get(properties);
        byte[] payload = new byte[body.remaining()];
        body.get(payload);
        return new Received(
                flags,
                new String(topic, StandardCharsets.UTF_8),
                packetId,
                properties,
                new String(payload, StandardCharsets.UTF_8));
    }

    private static int readNumber(ByteBuffer from) {
        int value = 0;
        int shift = 0;
        int part;
        do {
            part = from.get();
            value |= (part & 0x7F) << shift;
            shift += 7;
        } while (part < 0);
        return value;
    }

    /** PUBACK, PUBREC, PUBREL or PUBCOMP, as PacketWriter names them. */
    RawClient ack(int header, int packetId) throws IOException {
        return send(header, 2, packetId >>> 8, packetId & 0xFF);
    }

    /** The next packet, with its fixed header; empty when the server has closed. */
    byte[] packet() throws IOException {
        return early.isEmpty() ? read() : early.remove();
    }

    private byte[] read() throws IOException {
        int first = in.read();
        if (first < 0) {
            return new byte[0];
        }
        int length = 0;
        int shift = 0;
        int part;
        do {
            part = in.read();
            length |= (part & 0x7F) << shift;
            shift += 7;
        } while (part >= 0x80);
        if (length > 127) {
            return join(bytes(first), number(length), in.readNBytes(length));
        }
        byte[] packet = new byte[2 + length];
        packet[0] = (byte) first;
        packet[1] = (byte) length;
        in.readNBytes(packet, 2, length);
        return packet;
    }

    /** Whether something has come that was not read. */
    boolean hasPacket() throws IOException {
        return !early.isEmpty() || in.available() > 0;
    }

    /** Whether the server answers a PINGREQ next: nothing else was on the way. */
    boolean isQuiet() throws IOException {
        send(0xC0, 0);
        byte[] packet = packet();
        return packet.length == 2 && packet[0] == (byte) 0xD0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
