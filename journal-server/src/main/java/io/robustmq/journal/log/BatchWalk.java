package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.BatchReference;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Steps over batches by their headers, a few kilobytes per read. One per thread; a batch it gives is valid until the next. */
final class BatchWalk {
    private static final int CHUNK_BYTES = 8 << 10;
    private static final ThreadLocal<BatchWalk> OF_THREAD = ThreadLocal.withInitial(BatchWalk::new);

    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private final ByteBuf view = Unpooled.wrappedBuffer(chunk.duplicate());
    private SegmentFile file;
    private int limit;
    private int chunkAt;
    private int chunkBytes;

    @SuppressWarnings("NullAway.Init") // over() comes first
    private BatchWalk() {}

    /** The calling thread's walk, over the first {@code limit} bytes of {@code file}. */
    static BatchWalk over(SegmentFile file, int limit) {
        BatchWalk walk = OF_THREAD.get();
        walk.file = file;
        walk.limit = limit;
        walk.chunkAt = 0;
        walk.chunkBytes = 0;
        return walk;
    }

    /** The header of the batch at {@code position}, or all of a reference; nothing else may be looked at. The whole batch is below the limit. */
    RecordBatch at(int position) throws IOException {
        if (limit - position < RecordBatch.HEADER_BYTES) {
            throw new StoreException(Kind.CORRUPT, "no batch at " + position + " of " + limit);
        }
        int looked = Math.min(BatchReference.SIZE_IN_BYTES, limit - position);
        if (position < chunkAt || position + looked > chunkAt + chunkBytes) {
            chunkBytes = 0;
            int bytes = Math.min(CHUNK_BYTES, limit - position);
            file.read(position, chunk.clear().limit(bytes));
            chunkAt = position;
            chunkBytes = bytes;
        }
        RecordBatch batch = new RecordBatch(view, position - chunkAt);
        int size = batch.sizeInBytes();
        if (size < RecordBatch.HEADER_BYTES || size > limit - position) {
            throw new StoreException(Kind.CORRUPT, "a batch of " + size + " bytes at " + position + " of " + limit);
        }
        return batch;
    }
}
