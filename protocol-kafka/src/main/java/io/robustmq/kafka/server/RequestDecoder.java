package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** Turns a frame into a request. Stateless but for the table. */
final class RequestDecoder {
    private static final int KEY_AND_VERSION_BYTES = 4;
    private static final int CORRELATION_ID_END = 8;

    private final ApiTable apis;

    RequestDecoder(ApiTable apis) {
        this.apis = apis;
    }

    /**
     * Borrows {@code frame}; byte buffers and records in the result are views of it. Throws IllegalArgumentException, or
     * whatever the codec throws, for a frame that Kafka answers by closing the connection.
     */
    Decoded decode(ByteBuf frame) {
        if (frame.readableBytes() < CORRELATION_ID_END) {
            throw new IllegalArgumentException("a request of " + frame.readableBytes() + " bytes");
        }
        int at = frame.readerIndex();
        short key = frame.getShort(at);
        short version = frame.getShort(at + 2);
        ApiTable.Api api = apis.find(key);
        if (api == null) {
            throw new IllegalArgumentException("api key " + key + " is not supported");
        }
        if (!api.serves(version)) {
            if (api.key() == ApiKeys.API_VERSIONS) {
                return new Decoded(api, (short) 0, frame.getInt(at + KEY_AND_VERSION_BYTES), "", null, false);
            }
            throw new IllegalArgumentException(api.key().name + " version " + version + " is not supported");
        }
        ByteBuffer bytes = frame.nioBuffer().slice();
        RequestReader reader = new RequestReader(bytes);
        RequestHeaderData header = new RequestHeaderData(reader, api.key().requestHeaderVersion(version));
        ApiMessage body = api.key().messageType.newRequest();
        body.read(reader, version);
        String clientId = header.clientId();
        return new Decoded(api, version, header.correlationId(), clientId == null ? "" : clientId, body, false);
    }

    /** Borrows {@code frame}: what a very old client sends after its handshake, as the request that newer ones send. */
    Decoded decodeRawToken(ByteBuf frame) {
        ApiTable.Api api = apis.find(ApiKeys.SASL_AUTHENTICATE.id);
        if (api == null) {
            throw new IllegalStateException("a handshake without the API that follows it");
        }
        return new Decoded(
                api,
                (short) 0,
                0,
                "",
                new SaslAuthenticateRequestData().setAuthBytes(ByteBufUtil.getBytes(frame)),
                true);
    }

    /**
     * A request as it came.
     *
     * @param body null for an ApiVersions request of an unknown version, to be answered as version 0
     * @param isRawToken it came without a header, and is to be answered so
     */
    record Decoded(
            ApiTable.Api api,
            short version,
            int correlationId,
            String clientId,
            @Nullable ApiMessage body,
            boolean isRawToken) {}
}
