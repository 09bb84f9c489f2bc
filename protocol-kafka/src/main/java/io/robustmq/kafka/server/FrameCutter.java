package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream into frames, each in one contiguous buffer. A frame that arrives whole is a slice of what was
 * read; one that arrives in pieces is copied once, into a buffer that grows only as bytes really come. Owned by the
 * connection's loop.
 */
final class FrameCutter extends ChannelInboundHandlerAdapter {
    private static final int LENGTH_BYTES = 4;
    private static final int FIRST_BUFFER_BYTES = 64 * 1024;
    private static final int SECOND_BUFFER_BYTES = 1024 * 1024;

    private final IntSupplier frameBytesMax;
    private @Nullable ByteBuf partial;
    /** Of the frame that {@link #partial} holds the beginning of. */
    private int partialLength;

    private int lengthRead;
    private int lengthBytesMissing = LENGTH_BYTES;
    private boolean broken;

    /** The limit is asked for at the beginning of each frame. */
    FrameCutter(IntSupplier frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf input = (ByteBuf) message;
        try {
            while (input.isReadable() && !broken) {
                if (partial != null) {
                    fill(context, partial, input);
                } else if (readLength(input)) {
                    begin(context, input);
                }
            }
        } finally {
            input.release();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        broken = true;
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }

    /** Whether the whole length has been read; it may come in pieces too. */
    private boolean readLength(ByteBuf input) {
        if (lengthBytesMissing == LENGTH_BYTES && input.readableBytes() >= LENGTH_BYTES) {
            lengthRead = input.readInt();
            return true;
        }
        while (lengthBytesMissing > 0 && input.isReadable()) {
            lengthRead = (lengthRead << 8) | (input.readByte() & 0xFF);
            lengthBytesMissing--;
        }
        return lengthBytesMissing == 0;
    }

    private void begin(ChannelHandlerContext context, ByteBuf input) {
        int length = lengthRead;
        lengthRead = 0;
        lengthBytesMissing = LENGTH_BYTES;
        if (length <= 0 || length > frameBytesMax.getAsInt()) {
            broken = true;
            context.fireUserEventTriggered(new BadLength(length));
            return;
        }
        if (input.readableBytes() >= length) {
            context.fireChannelRead(input.readRetainedSlice(length));
            return;
        }
        ByteBuf buffer = context.alloc().directBuffer(Math.min(length, FIRST_BUFFER_BYTES), length);
        partial = buffer;
        partialLength = length;
        fill(context, buffer, input);
    }

    private void fill(ChannelHandlerContext context, ByteBuf buffer, ByteBuf input) {
        int count = Math.min(partialLength - buffer.readableBytes(), input.readableBytes());
        int needed = buffer.readableBytes() + count;
        if (needed > buffer.capacity()) {
            int next = Math.max(needed, Math.max(SECOND_BUFFER_BYTES, 2 * buffer.capacity()));
            buffer.capacity(Math.min(partialLength, next));
        }
        buffer.writeBytes(input, count);
        if (buffer.readableBytes() == partialLength) {
            partial = null;
            context.fireChannelRead(buffer);
        }
    }

    /** A frame whose length is not acceptable; nothing can be read after it. */
    record BadLength(int length) {}
}
