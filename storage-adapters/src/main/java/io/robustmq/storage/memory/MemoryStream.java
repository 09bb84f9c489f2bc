package io.robustmq.storage.memory;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A stream on the heap, for its writer and for readers: any thread. */
final class MemoryStream implements ObjectStream {
    private static final int BYTES_MIN = 1 << 10;

    private final String name;
    private final MemoryBudget budget;
    private final RequestMeter meter;
    private byte[] content = new byte[0];
    private int size;
    private boolean sealed;

    MemoryStream(String name, MemoryBudget budget, RequestMeter meter) {
        this.name = name;
        this.budget = budget;
        this.meter = meter;
    }

    @Override
    public synchronized long append(List<ByteBuffer> parts) throws IOException {
        int bytes =
                Math.toIntExact(parts.stream().mapToLong(ByteBuffer::remaining).sum());
        meter.request(RequestKind.PUT, bytes);
        if (sealed) {
            throw new StoreException(Kind.FATAL, name + " takes no more");
        }
        if (!budget.reserve(bytes)) {
            sealed = true;
            throw new StoreException(Kind.FULL, "the memory store is full");
        }
        int position = size;
        int end = Math.addExact(position, bytes);
        if (end > content.length) {
            content = Arrays.copyOf(content, Math.max(end, Math.max(BYTES_MIN, content.length * 2)));
        }
        for (ByteBuffer part : parts) {
            int partBytes = part.remaining();
            part.duplicate().get(content, size, partBytes);
            size += partBytes;
        }
        return position;
    }

    synchronized void read(long position, ByteBuffer target) throws IOException {
        if (position < 0 || target.remaining() > size - position) {
            throw new StoreException(
                    Kind.CORRUPT, name + " has " + size + " bytes, no " + target + " from " + position);
        }
        target.put(content, (int) position, target.remaining());
    }

    @Override
    public synchronized long sizeInBytes() {
        return size;
    }

    synchronized boolean isSealed() {
        return sealed;
    }

    @Override
    public synchronized void close() {
        sealed = true;
    }
}
