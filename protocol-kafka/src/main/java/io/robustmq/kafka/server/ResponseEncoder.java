package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Turns an answer into frames: length, header, message; stored records stay where they are. Stateless. */
final class ResponseEncoder {
    private static final int LENGTH_BYTES = 4;

    private ResponseEncoder() {}

    /** Without a header: for a client from before there was one around its token. */
    static Outbound encodeRawToken(ByteBufAllocator allocator, byte[] token) {
        ByteBuf buffer = allocator.directBuffer(LENGTH_BYTES + token.length);
        buffer.writeInt(token.length).writeBytes(token);
        return Outbound.of(buffer);
    }

    /** Takes the slices in {@code response}. Throws what the codec throws for fields the version does not have. */
    static Outbound encode(
            ByteBufAllocator allocator, ApiKeys api, short version, int correlationId, ApiMessage response) {
        ByteBuf buffer = null;
        try {
            ResponseHeaderData header = new ResponseHeaderData().setCorrelationId(correlationId);
            short headerVersion = api.responseHeaderVersion(version);
            ObjectSerializationCache cache = new ObjectSerializationCache();
            MessageSizeAccumulator size = new MessageSizeAccumulator();
            header.addSize(size, cache, headerVersion);
            response.addSize(size, cache, version);
            buffer = allocator.directBuffer(LENGTH_BYTES + size.sizeExcludingZeroCopy());
            buffer.writeInt(size.totalSize());
            FrameWriter writer = new FrameWriter(buffer);
            header.write(writer, cache, headerVersion);
            response.write(writer, cache, version);
            Outbound outbound = writer.finish();
            buffer = null;
            return outbound;
        } finally {
            if (buffer != null) {
                buffer.release();
                SliceRecords.closeAll(response);
            }
        }
    }
}
