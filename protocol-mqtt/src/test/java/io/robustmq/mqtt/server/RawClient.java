package io.robustmq.mqtt.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Bytes over a socket, for what no well-behaved client sends. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket();
        // Small, so that a client that does not read is soon felt by the server.
        socket.setReceiveBufferSize(8192);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    RawClient send(int... bytes) throws IOException {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = (byte) bytes[i];
        }
        socket.getOutputStream().write(out);
        return this;
    }

    void sendAll(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** CONNECT of MQTT 5, clean start, without properties. */
    RawClient connect(String clientId) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, (byte) clientId.length()});
        body.write(clientId.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(0x10);
        socket.getOutputStream().write(body.size());
        socket.getOutputStream().write(body.toByteArray());
        byte[] connack = packet();
        if (connack[0] != 0x20 || connack[3] != 0) {
            throw new AssertionError("CONNACK " + connack[3]);
        }
        return this;
    }

    /** The next packet, with its fixed header, of less than 128 bytes; empty when the server has closed. */
    byte[] packet() throws IOException {
        int first = in.read();
        if (first < 0) {
            return new byte[0];
        }
        int length = in.read();
        byte[] packet = new byte[2 + length];
        packet[0] = (byte) first;
        packet[1] = (byte) length;
        in.readNBytes(packet, 2, length);
        return packet;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
