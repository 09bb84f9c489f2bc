package io.robustmq.journal.log;

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
}
