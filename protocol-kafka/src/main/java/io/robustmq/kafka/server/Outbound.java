package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * An encoded response, ready for the channel. Owns its parts until they are written or released.
 *
 * @param parts buffers and file regions in order; empty when a request has no answer
 */
record Outbound(List<Object> parts, int sizeInBytes) {
    static final Outbound NOTHING = new Outbound(List.of(), 0);

    static Outbound of(ByteBuf buffer) {
        return new Outbound(List.of(buffer), buffer.readableBytes());
    }

    /** More than one part: log slices, which the channel's own accounting does not see. */
    boolean hasSlices() {
        return parts.size() > 1;
    }

    void release() {
        for (int i = 0; i < parts.size(); i++) {
            ReferenceCountUtil.release(parts.get(i));
        }
    }
}
