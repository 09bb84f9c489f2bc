package io.robustmq.e2e;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;

/** One MQTT 3.1.1 connection without a client on top, so that a test can cut it as a broken network does. */
final class RawMqtt implements AutoCloseable {
    private static final int CONNECT = 0x10;
    private static final int CLEAN_SESSION = 0x02;
    private static final int WILL_QOS_1 = 0x04 | 0x08;
    private static final int KEEP_ALIVE_SECONDS = 60;

    private final Socket socket;

    private RawMqtt(Socket socket) {
        this.socket = socket;
    }

    /** Connects, and leaves a will that the broker must publish when this connection breaks. */
    static RawMqtt connectWithWill(BrokerProcess broker, String clientId, String willTopic, String willPayload) {
        try {
            var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port(Endpoint.MQTT));
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(connectPacket(clientId, willTopic, willPayload));
            var connAck = new byte[4];
            new DataInputStream(socket.getInputStream()).readFully(connAck);
            if (connAck[0] != 0x20 || connAck[3] != 0) {
                throw new AssertionError("refused with return code " + connAck[3]);
            }
            return new RawMqtt(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] connectPacket(String clientId, String willTopic, String willPayload) throws IOException {
        var body = new ByteArrayOutputStream();
        var out = new DataOutputStream(body);
        out.writeUTF("MQTT");
        out.writeByte(4);
        out.writeByte(CLEAN_SESSION | (willTopic.isEmpty() ? 0 : WILL_QOS_1));
        out.writeShort(KEEP_ALIVE_SECONDS);
        out.writeUTF(clientId);
        if (!willTopic.isEmpty()) {
            out.writeUTF(willTopic);
            out.writeUTF(willPayload);
        }
        if (body.size() > 127) {
            throw new IllegalArgumentException("needs a longer length field");
        }
        var packet = new ByteArrayOutputStream();
        packet.write(CONNECT);
        packet.write(body.size());
        body.writeTo(packet);
        return packet.toByteArray();
    }

    /** Cuts the connection without a DISCONNECT. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
