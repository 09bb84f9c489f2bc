package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.model.Principal;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * Bytes of clients' requests between nodes, as the link's fields, behind which the message is as the client's version has it.
 * Stateless.
 */
public final class PassedCodec {
    private PassedCodec() {}

    /** Who asks, and how. */
    record Head(ApiKeys api, short version, String clientId, Principal principal, InetSocketAddress address) {}

    public static ByteBuf encode(KafkaRequest request, ApiKeys api, ApiMessage body) {
        Principal principal = request.principal();
        InetSocketAddress address = request.remoteAddress();
        ByteBuf question = ByteBufAllocator.DEFAULT.buffer().writeShort(api.id).writeShort(request.version());
        LinkFields.write(question, request.clientId());
        LinkFields.write(question, principal.type());
        LinkFields.write(question, principal.name());
        LinkFields.write(question, principal.host());
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        LinkFields.write(question, host).writeShort(address.getPort());
        return question.writeBytes(bytes(body, request.version()));
    }

    static Head readHead(ByteBuf question) {
        ApiKeys api = ApiKeys.forId(question.readShort());
        short version = question.readShort();
        String clientId = LinkFields.string(question);
        Principal principal =
                new Principal(LinkFields.string(question), LinkFields.string(question), LinkFields.string(question));
        InetSocketAddress address = new InetSocketAddress(LinkFields.string(question), question.readUnsignedShort());
        return new Head(api, version, clientId, principal, address);
    }

    static ApiMessage readRequest(ByteBuf question, Head head) {
        return read(question, head.api.messageType.newRequest(), head.version);
    }

    static ByteBuf encode(ApiMessage response, short version) {
        ByteBuffer bytes = bytes(response, version);
        return ByteBufAllocator.DEFAULT.buffer(bytes.remaining()).writeBytes(bytes);
    }

    public static ApiMessage readResponse(ByteBuf answer, ApiKeys api, short version) {
        return read(answer, api.messageType.newResponse(), version);
    }

    private static ByteBuffer bytes(ApiMessage message, short version) {
        return MessageUtil.toByteBufferAccessor(message, version).buffer();
    }

    private static ApiMessage read(ByteBuf bytes, ApiMessage message, short version) {
        message.read(new ByteBufferAccessor(ByteBuffer.wrap(ByteBufUtil.getBytes(bytes))), version);
        return message;
    }
}
