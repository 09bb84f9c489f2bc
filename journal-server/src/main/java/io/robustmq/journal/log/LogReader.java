package io.robustmq.journal.log;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the bytes of a read in a view. Stateless; runs in the reader's thread. */
public final class LogReader {
    private LogReader() {}

    /** Throws IllegalStateException when a segment was closed since the view was published: take the newer view. */
    public static ReadResult read(
            ShardView view, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation)
            throws IOException {
        PartitionState state = view.state();
        if (offset < state.logStartOffset() || offset > state.logEndOffset()) {
            return new ReadResult(
                    BrokerError.OFFSET_OUT_OF_RANGE,
                    null,
                    state.highWatermark(),
                    state.lastStableOffset(),
                    state.logStartOffset(),
                    List.of());
        }
        if (offset >= state.visibleEnd(isolation)) {
            return result(state, null);
        }
        if (offset == view.previousOffset && view.previousPosition >= 0) {
            int visible = view.visibleSegment();
            int bytes = view.limit(visible) - view.previousPosition;
            if (bytes <= maxBytes) {
                return result(state, view.segments[visible].file.slice(view.previousPosition, bytes));
            }
        }
        return result(state, slice(view, offset, maxBytes, atLeastOneBatch));
    }

    private static @Nullable LogSlice slice(ShardView view, long offset, int maxBytes, boolean atLeastOneBatch)
            throws IOException {
        for (int i = Math.max(view.segmentOf(offset), 0); i <= view.visibleSegment(); i++) {
            Segment segment = view.segments[i];
            try {
                int limit = view.limit(i);
                int start = segment.positionOf(offset, limit);
                if (start < limit) {
                    return slice(segment, start, limit, maxBytes, atLeastOneBatch);
                }
            } catch (IOException e) {
                throw segment.failure(e);
            }
        }
        return null;
    }

    private static @Nullable LogSlice slice(
            Segment segment, int start, int limit, int maxBytes, boolean atLeastOneBatch) throws IOException {
        int end = limit - start <= maxBytes ? limit : segment.boundaryBefore(start, start + maxBytes, limit);
        if (end == start && atLeastOneBatch) {
            end = segment.endOfBatchAt(start, limit);
        }
        return end == start ? null : segment.file.slice(start, end - start);
    }

    private static ReadResult result(PartitionState state, @Nullable LogSlice slice) {
        return new ReadResult(
                BrokerError.NONE,
                slice,
                state.highWatermark(),
                state.lastStableOffset(),
                state.logStartOffset(),
                List.of());
    }
}
