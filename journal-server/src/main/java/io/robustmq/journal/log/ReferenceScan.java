package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.BatchReference;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The references of all that was written to a log at one moment. Made by the shard loop, used by one thread. Throws
 * IllegalStateException when a segment left the log meanwhile.
 */
public final class ReferenceScan {
    private final Segment[] segments;

    ReferenceScan(Segment[] segments) {
        this.segments = segments;
    }

    /** Tells each, in the order of offsets, and maybe of some that were written since. CORRUPT where one is damaged. */
    public void each(Consumer<BatchReference> found) throws IOException {
        for (Segment segment : segments) {
            try {
                scan(segment, found);
            } catch (IOException e) {
                throw segment.failure(e);
            }
        }
    }

    /** Takes references to one pack, as they stand in the log; valid during the call. */
    @FunctionalInterface
    public interface Runs {
        void take(BatchReference first, ByteBuf references) throws IOException;
    }

    /**
     * Tells references that follow each other and are to the same pack, together.
     *
     * @param bytesMax what the references of a run stand for, unless it is one
     */
    public void runs(int bytesMax, Runs runs) throws IOException {
        for (Segment segment : segments) {
            try {
                runs(segment, bytesMax, runs);
            } catch (IOException e) {
                throw segment.failure(e);
            }
        }
    }

    private static void runs(Segment segment, int bytesMax, Runs runs) throws IOException {
        int limit = segment.sizeInBytes();
        int position = 0;
        while (position < limit) {
            BatchWalk walk = BatchWalk.over(segment.file, limit);
            RecordBatch batch = walk.at(position);
            int end = position + batch.sizeInBytes();
            if (!batch.isReference()) {
                position = end;
                continue;
            }
            BatchReference first = BatchReference.of(batch);
            long bytes = first.bytes();
            while (end < limit && walk.at(end).isReference()) {
                BatchReference next = BatchReference.of(walk.at(end));
                bytes += next.bytes();
                if (!first.isInPackOf(next) || bytes > bytesMax) {
                    break;
                }
                end += BatchReference.SIZE_IN_BYTES;
            }
            byte[] references = new byte[end - position];
            segment.file.read(position, ByteBuffer.wrap(references));
            runs.take(first, Unpooled.wrappedBuffer(references));
            position = end;
        }
    }

    private static void scan(Segment segment, Consumer<BatchReference> found) throws IOException {
        int limit = segment.sizeInBytes();
        BatchWalk walk = BatchWalk.over(segment.file, limit);
        int position = 0;
        while (position < limit) {
            RecordBatch batch = walk.at(position);
            if (batch.isReference()) {
                if (batch.sizeInBytes() != BatchReference.SIZE_IN_BYTES || !batch.isIntact()) {
                    throw new StoreException(Kind.CORRUPT, segment + " has a damaged reference at " + position);
                }
                found.accept(BatchReference.of(batch));
            }
            position += batch.sizeInBytes();
        }
    }
}
