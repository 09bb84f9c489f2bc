package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.ByteOrder;

/** The frames that another node sends. Until it has said who it is, it may send no more than that takes. */
final class RequestDecoder extends LengthFieldBasedFrameDecoder {
    static final int HELLO_BYTES_MAX = 512;

    private static final int REQUEST_BYTES_MAX = 64 << 20;

    private boolean welcome;

    RequestDecoder() {
        super(REQUEST_BYTES_MAX, 0, 4, 0, 4);
    }

    /** The node has said who it is. In the connection's loop. */
    void welcome() {
        welcome = true;
    }

    @Override
    protected long getUnadjustedFrameLength(ByteBuf in, int offset, int length, ByteOrder order) {
        long bytes = super.getUnadjustedFrameLength(in, offset, length, order);
        if (!welcome && bytes > HELLO_BYTES_MAX) {
            throw new TooLongFrameException("a frame of " + bytes + " bytes before hello");
        }
        return bytes;
    }
}
