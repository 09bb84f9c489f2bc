package io.robustmq.server.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** What the numbers stand for that replicas have as records: batches as a leader wrote them. */
final class RecordBook {
    private final List<Stored> batches = new ArrayList<>();

    /** A batch, and the number of its first record. */
    record Stored(ByteBuf bytes, int first, int count) {
        ByteBuf buffer() {
            return bytes.duplicate();
        }
    }

    /** The number of the first record; the others have those that follow. */
    int add(byte[] bytes, int count) {
        Stored stored = new Stored(Unpooled.wrappedBuffer(bytes), batches.size(), count);
        for (int i = 0; i < count; i++) {
            batches.add(stored);
        }
        return stored.first;
    }

    Stored batchOf(int value) {
        return batches.get(value);
    }
}
