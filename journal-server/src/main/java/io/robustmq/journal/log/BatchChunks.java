package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a segment in pieces of about a megabyte. One thread; what it gives is valid until the next call. */
final class BatchChunks {
    private static final int CHUNK_BYTES = 1 << 20;

    private byte[] bytes = new byte[0];

    /** Whole batches from {@code position} on, at least one, with good checksums. */
    ByteBuf read(Segment segment, int position) throws IOException {
        int left = segment.sizeInBytes() - position;
        ByteBuf chunk = fill(segment, position, Math.min(CHUNK_BYTES, left));
        if (!RecordBatch.isWhole(chunk, 0, chunk.writerIndex())) {
            int wanted = chunk.writerIndex() < RecordBatch.HEADER_BYTES ? 0 : new RecordBatch(chunk, 0).sizeInBytes();
            if (wanted <= chunk.writerIndex() || wanted > left) {
                throw new StoreException(Kind.CORRUPT, "no batch at " + position + " of " + segment);
            }
            chunk = fill(segment, position, wanted);
        }
        return chunk.writerIndex(verified(segment, position, chunk));
    }

    private ByteBuf fill(Segment segment, int position, int wanted) throws IOException {
        if (bytes.length < wanted) {
            bytes = new byte[wanted];
        }
        segment.file.read(position, ByteBuffer.wrap(bytes, 0, wanted));
        return Unpooled.wrappedBuffer(bytes, 0, wanted);
    }

    /** Where the last whole batch ends. */
    private static int verified(Segment segment, int position, ByteBuf chunk) throws IOException {
        int at = 0;
        while (RecordBatch.isWhole(chunk, at, chunk.writerIndex())) {
            RecordBatch batch = new RecordBatch(chunk, at);
            if (!batch.isIntact()) {
                throw new StoreException(
                        Kind.CORRUPT, "the batch at " + (position + at) + " of " + segment + " fails its checksum");
            }
            at = batch.end();
        }
        return at;
    }
}
