package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.robustmq.core.port.NodeLink;
import java.util.Optional;

/** The frames of the link. Stateless. */
final class LinkFrame {
    static final byte CHALLENGE = 100;
    static final byte HELLO = 101;
    static final byte ANSWER = 102;
    /** From here on the connection is a client's; see {@link RelayClient}. */
    static final byte RELAY = 103;

    static final int HEAD_BYTES = 1 + 1 + 8;
    /** A batch of the largest size that a topic may allow, and more. */
    static final int BYTES_MAX = 1 << 30;

    private LinkFrame() {}

    static int code(NodeLink.Call call) {
        return switch (call) {
            case HEARTBEAT -> 0;
            case FETCH -> 1;
            case TRANSACTION -> 8;
            case SHARE -> 9;
            case APPEND -> 10;
            case MQTT -> 11;
            case META -> 12;
            case LOG -> 13;
            case KAFKA -> 14;
            case TAIL -> 15;
            case SEGMENTS -> 16;
            case PACKS -> 17;
        };
    }

    static Optional<NodeLink.Call> call(int code) {
        return switch (code) {
            case 0 -> Optional.of(NodeLink.Call.HEARTBEAT);
            case 1 -> Optional.of(NodeLink.Call.FETCH);
            case 8 -> Optional.of(NodeLink.Call.TRANSACTION);
            case 9 -> Optional.of(NodeLink.Call.SHARE);
            case 10 -> Optional.of(NodeLink.Call.APPEND);
            case 11 -> Optional.of(NodeLink.Call.MQTT);
            case 12 -> Optional.of(NodeLink.Call.META);
            case 13 -> Optional.of(NodeLink.Call.LOG);
            case 14 -> Optional.of(NodeLink.Call.KAFKA);
            case 15 -> Optional.of(NodeLink.Call.TAIL);
            case 16 -> Optional.of(NodeLink.Call.SEGMENTS);
            case 17 -> Optional.of(NodeLink.Call.PACKS);
            default -> Optional.empty();
        };
    }

    /** The first version that has the call. */
    static int since(NodeLink.Call call) {
        return switch (call) {
            case HEARTBEAT, FETCH, TRANSACTION, SHARE, APPEND, MQTT -> 1;
            case META, LOG, KAFKA -> LinkVersions.APART;
            case TAIL -> LinkVersions.TAILS;
            case SEGMENTS -> LinkVersions.SEGMENTS;
            case PACKS -> LinkVersions.PACKS;
        };
    }

    static LengthFieldBasedFrameDecoder decoder(int bytesMax) {
        return new LengthFieldBasedFrameDecoder(bytesMax, 0, 4, 0, 4);
    }

    /** Length and head of a frame whose body of {@code bodyBytes} is written behind it. */
    static ByteBuf head(int version, int kind, long number, long bodyBytes) {
        if (bodyBytes > BYTES_MAX - HEAD_BYTES) {
            throw new IllegalArgumentException("a frame of " + bodyBytes + " bytes");
        }
        return ByteBufAllocator.DEFAULT
                .buffer(4 + HEAD_BYTES)
                .writeInt(HEAD_BYTES + (int) bodyBytes)
                .writeByte(version)
                .writeByte(kind)
                .writeLong(number);
    }
}
