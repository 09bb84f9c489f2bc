package io.robustmq.journal.log;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.BatchReference;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
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
