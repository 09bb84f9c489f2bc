package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FileRegion;
import io.netty.handler.stream.ChunkedInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A file region in pieces, for a connection that has to see the bytes because it encrypts them: a client's, or
 * another node's. Owns the region. Owned by the connection's loop.
 */
public final class RegionChunks implements ChunkedInput<ByteBuf> {
    private static final int CHUNK_BYTES = 64 * 1024;

    private final FileRegion region;
    private long position;
    private boolean closed;

    /** Takes {@code region}. */
    public RegionChunks(FileRegion region) {
        this.region = region;
    }

    @Override
    public boolean isEndOfInput() {
        return position >= region.count();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            region.release();
        }
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // Netty's, not ours to offer
    public ByteBuf readChunk(ChannelHandlerContext context) throws IOException {
        return readChunk(context.alloc());
    }

    @Override
    public ByteBuf readChunk(ByteBufAllocator allocator) throws IOException {
        int bytes = (int) Math.min(CHUNK_BYTES, region.count() - position);
        ByteBuf chunk = allocator.directBuffer(bytes, bytes);
        try {
            while (chunk.isWritable()) {
                long moved = region.transferTo(new Target(chunk), position);
                if (moved <= 0) {
                    throw new IOException("the file ends before the region does");
                }
                position += moved;
            }
            return chunk;
        } catch (IOException | RuntimeException e) {
            chunk.release();
            throw e;
        }
    }

    @Override
    public long length() {
        return region.count();
    }

    @Override
    public long progress() {
        return position;
    }

    /** Takes as much as the chunk has room for. */
    private record Target(ByteBuf chunk) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int bytes = Math.min(source.remaining(), chunk.writableBytes());
            chunk.writeBytes(source.slice(source.position(), bytes));
            source.position(source.position() + bytes);
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
