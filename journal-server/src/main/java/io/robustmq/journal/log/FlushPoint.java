package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in the log up to which everything is written. Immutable.
 *
 * @param segment the one that ends there; null for a log without segments
 * @param earlier segments before it that were not forced since they were written
 */
public record FlushPoint(long endOffset, @Nullable Segment segment, int position, List<Segment> earlier) {
    /** Returns when everything up to here survives a power cut. Called by a flush thread. */
    public void force() throws IOException {
        for (Segment before : earlier) {
            before.force();
        }
        if (segment != null) {
            segment.force();
        }
    }

    /** What becomes of one file: false ends the visit. */
    @FunctionalInterface
    public interface FileVisitor {
        boolean visit(SegmentFile file, int end) throws IOException;
    }

    /** Visits each file that must be durable up to an end for this point to be, in order; whether all were. */
    public boolean visit(FileVisitor visitor) throws IOException {
        for (Segment before : earlier) {
            if (!before.visit(visitor, before.sizeInBytes())) {
                return false;
            }
        }
        return segment == null || segment.visit(visitor, position);
    }
}
