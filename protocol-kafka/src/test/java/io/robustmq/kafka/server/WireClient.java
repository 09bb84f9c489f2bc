package io.robustmq.kafka.server;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** A blocking client that sends exactly what a test says. */
public final class WireClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final DataInputStream input;
    private int correlationId;

    public WireClient(InetSocketAddress address) throws IOException {
        socket = new Socket();
        socket.connect(address, TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        input = new DataInputStream(socket.getInputStream());
    }

    /** The request as a frame, with its length in front. */
    public static byte[] frame(ApiKeys api, int version, int correlationId, ApiMessage body) {
        short headerVersion = api.requestHeaderVersion((short) version);
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey(api.id)
                .setRequestApiVersion((short) version)
                .setCorrelationId(correlationId)
                .setClientId("wire");
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int size = header.size(cache, headerVersion) + body.size(cache, (short) version);
        ByteBuffer buffer = ByteBuffer.allocate(4 + size);
        buffer.putInt(size);
        ByteBufferAccessor target = new ByteBufferAccessor(buffer);
        header.write(target, cache, headerVersion);
        body.write(target, cache, (short) version);
        return buffer.array();
    }

    /** Sends and waits for the answer. */
    public <T extends ApiMessage> T call(ApiKeys api, int version, ApiMessage body, Class<T> type) throws IOException {
        int sent = send(api, version, body);
        return receive(api, version, sent, type);
    }

    public int send(ApiKeys api, int version, ApiMessage body) throws IOException {
        correlationId++;
        write(frame(api, version, correlationId, body));
        return correlationId;
    }

    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    public <T extends ApiMessage> T receive(ApiKeys api, int version, int expectedId, Class<T> type)
            throws IOException {
        byte[] bytes = new byte[input.readInt()];
        input.readFully(bytes);
        ByteBufferAccessor source = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
        ResponseHeaderData header = new ResponseHeaderData(source, api.responseHeaderVersion((short) version));
        if (header.correlationId() != expectedId) {
            throw new AssertionError("answer to " + header.correlationId() + " instead of " + expectedId);
        }
        ApiMessage body = api.messageType.newResponse();
        body.read(source, (short) version);
        if (source.remaining() != 0) {
            throw new AssertionError(source.remaining() + " bytes after the answer");
        }
        return type.cast(body);
    }

    /** The next bytes, whatever they are. */
    public byte[] read(int count) throws IOException {
        byte[] bytes = new byte[count];
        input.readFully(bytes);
        return bytes;
    }

    /** For an answer, for the end, or until the time is over. */
    public void waitForAnything(int timeoutMs) throws IOException {
        socket.setSoTimeout(timeoutMs);
        isClosedByServer();
    }

    /** Whether the server closes the connection, with or without a reset. */
    public boolean isClosedByServer() throws IOException {
        try {
            return input.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    /** Closes with a reset, so that no port is left waiting. */
    public void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
