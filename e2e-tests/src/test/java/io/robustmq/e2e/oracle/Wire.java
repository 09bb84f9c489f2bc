package io.robustmq.e2e.oracle;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/** Sends one request on a connection of its own and reads the answer. Stateless. */
final class Wire {
    private static final int TIMEOUT_MS = 15_000;
    private static final int CORRELATION_ID = 17;

    private Wire() {}

    /** The connection was closed instead of an answer. */
    static final class Closed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Neither an answer nor the end of the connection came. */
    static final class Late extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** No answer came, and the connection serves the next request. */
    static final class Silent extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    static ApiMessage call(int port, ApiKeys api, short version, ApiMessage body) {
        byte[] frame = frame(api, version, CORRELATION_ID, body);
        boolean silent = body instanceof ProduceRequestData produce && produce.acks() == 0;
        byte[] answer = send(port, frame, silent);
        var reader = new ByteBufferAccessor(ByteBuffer.wrap(answer));
        var header = new ResponseHeaderData(reader, api.responseHeaderVersion(version));
        if (header.correlationId() != CORRELATION_ID) {
            throw new Silent();
        }
        ApiMessage response = api.messageType.newResponse();
        response.read(reader, version);
        return response;
    }

    /** The bytes of an answer to these bytes, which are sent as they are. */
    static byte[] send(int port, byte[] frame, boolean silent) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MS);
            var out = socket.getOutputStream();
            out.write(frame);
            if (silent) {
                out.write(frame(ApiKeys.API_VERSIONS, (short) 0, CORRELATION_ID + 1, new ApiVersionsRequestData()));
            }
            var in = new DataInputStream(socket.getInputStream());
            var answer = new byte[in.readInt()];
            in.readFully(answer);
            return answer;
        } catch (EOFException | SocketException e) {
            throw new Closed();
        } catch (SocketTimeoutException e) {
            throw new Late();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] frame(ApiKeys api, short version, int correlationId, ApiMessage body) {
        var header = new RequestHeaderData()
                .setRequestApiKey(api.id)
                .setRequestApiVersion(version)
                .setCorrelationId(correlationId)
                .setClientId("oracle");
        ByteBuffer head = MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion(version))
                .buffer();
        ByteBuffer rest = MessageUtil.toByteBufferAccessor(body, version).buffer();
        return ByteBuffer.allocate(Integer.BYTES + head.remaining() + rest.remaining())
                .putInt(head.remaining() + rest.remaining())
                .put(head)
                .put(rest)
                .array();
    }
}
