package io.robustmq.e2e;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection of MQTT 3.1.1, packet by packet: for counts and floods that a client's own queues would get in the way of. */
final class MqttWire implements AutoCloseable {
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int SUBACK = 9;
    static final int RETAIN = 1;
    static final int QOS_1 = 2;

    private static final int CONNECT = 0x10;
    private static final int SUBSCRIBE = 0x82;
    private static final int CLEAN_SESSION = 0x02;
    private static final int WILL_QOS_1 = 0x04 | 0x08;
    private static final int KEEP_ALIVE_SECONDS = 600;
    private static final int READ_TIMEOUT_MS = 60_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private MqttWire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    /** A packet as it came: its fixed header's first byte, and all behind the length. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packet(int header, byte[] body) {
        int type() {
            return header >>> 4;
        }

        boolean retained() {
            return (header & RETAIN) != 0;
        }

        int qos() {
            return (header >>> 1) & 3;
        }

        /** Of a PUBLISH. */
        String topic() {
            return new String(body, 2, topicBytes(), StandardCharsets.UTF_8);
        }

        private int topicBytes() {
            return ((body[0] & 0xFF) << 8) | (body[1] & 0xFF);
        }

        /** Of a PUBLISH of QoS 1 or 2. */
        int packetId() {
            int at = type() == PUBLISH ? 2 + topicBytes() : 0;
            return ((body[at] & 0xFF) << 8) | (body[at + 1] & 0xFF);
        }
    }

    static MqttWire connect(BrokerProcess broker, String clientId) {
        return connect(broker, clientId, "");
    }

    /** Connects; unless {@code willTopic} is empty, with a will of QoS 1 whose payload is the client id. */
    static MqttWire connect(BrokerProcess broker, String clientId, String willTopic) {
        try {
            var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port(Endpoint.MQTT));
            socket.setSoTimeout(READ_TIMEOUT_MS);
            socket.setTcpNoDelay(true);
            var wire = new MqttWire(socket);
            wire.send(connectPacket(clientId, willTopic));
            Packet connAck = wire.read();
            if (connAck.header() != 0x20 || connAck.body()[1] != 0) {
                throw new AssertionError("refused with return code " + connAck.body()[1]);
            }
            return wire;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] connectPacket(String clientId, String willTopic) throws IOException {
        var body = new ByteArrayOutputStream();
        var out = new DataOutputStream(body);
        out.writeUTF("MQTT");
        out.writeByte(4);
        out.writeByte(CLEAN_SESSION | (willTopic.isEmpty() ? 0 : WILL_QOS_1));
        out.writeShort(KEEP_ALIVE_SECONDS);
        out.writeUTF(clientId);
        if (!willTopic.isEmpty()) {
            out.writeUTF(willTopic);
            out.writeUTF(clientId);
        }
        return packet(CONNECT, body.toByteArray());
    }

    static byte[] subscribePacket(String filter, int qos) throws IOException {
        var body = new ByteArrayOutputStream();
        var out = new DataOutputStream(body);
        out.writeShort(1);
        out.writeUTF(filter);
        out.writeByte(qos);
        return packet(SUBSCRIBE, body.toByteArray());
    }

    private static byte[] packet(int header, byte[] body) throws IOException {
        var packet = new ByteArrayOutputStream(body.length + 5);
        packet.write(header);
        int length = body.length;
        do {
            packet.write(length > 127 ? (length & 0x7F) | 0x80 : length);
            length >>>= 7;
        } while (length > 0);
        packet.write(body);
        return packet.toByteArray();
    }

    void subscribe(String filter, int qos) {
        try {
            send(subscribePacket(filter, qos));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (read().type() != SUBACK) {
            throw new AssertionError("no SUBACK");
        }
    }

    /** {@code packetId} means nothing with QoS 0. */
    static byte[] publishPacket(int flags, String topic, int packetId, byte[] payload) throws IOException {
        var body = new ByteArrayOutputStream();
        var out = new DataOutputStream(body);
        out.writeUTF(topic);
        if ((flags & 6) != 0) {
            out.writeShort(packetId);
        }
        out.write(payload);
        return packet((PUBLISH << 4) | flags, body.toByteArray());
    }

    void puback(int packetId) {
        send(new byte[] {0x40, 2, (byte) (packetId >>> 8), (byte) packetId});
    }

    void send(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Packet read() {
        try {
            int header = in.readUnsignedByte();
            int length = 0;
            int shift = 0;
            int part;
            do {
                part = in.readUnsignedByte();
                length |= (part & 0x7F) << shift;
                shift += 7;
            } while (part > 127);
            var body = new byte[length];
            in.readFully(body);
            return new Packet(header, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Breaks off as a network does, which leaves no port behind that waits. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
