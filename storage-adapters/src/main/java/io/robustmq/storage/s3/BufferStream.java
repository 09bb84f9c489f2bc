package io.robustmq.storage.s3;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;

/** Reads buffers one after the other; their positions stay. One thread. */
final class BufferStream extends InputStream {
    private final ArrayDeque<ByteBuffer> left = new ArrayDeque<>();

    BufferStream(List<ByteBuffer> content) {
        for (ByteBuffer part : content) {
            if (part.hasRemaining()) {
                left.add(part.duplicate());
            }
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        ByteBuffer first = left.peek();
        if (first == null) {
            return -1;
        }
        int bytes = Math.min(length, first.remaining());
        first.get(target, offset, bytes);
        if (!first.hasRemaining()) {
            left.remove();
        }
        return bytes;
    }

    @Override
    public int available() {
        return left.stream().mapToInt(ByteBuffer::remaining).sum();
    }
}
