package io.robustmq.journal.log;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AbortedTransaction;
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
        long visibleEnd = state.visibleEnd(isolation);
        if (offset < state.localStartOffset()) {
            throw new IllegalArgumentException(offset + " is not here: what is begins at " + state.localStartOffset());
        }
        if (offset >= visibleEnd) {
            return result(state, null, List.of());
        }
        if (offset == view.previousOffset && view.previousPosition >= 0 && visibleEnd == state.highWatermark()) {
            int visible = view.visibleSegment();
            int bytes = view.limit(visible) - view.previousPosition;
            if (bytes <= maxBytes) {
                return take(view, new Piece(visible, view.previousPosition, bytes), offset, visibleEnd, isolation);
            }
        }
        Piece piece = find(view, offset, visibleEnd, maxBytes, atLeastOneBatch);
        return piece == null ? result(state, null, List.of()) : take(view, piece, offset, visibleEnd, isolation);
    }

    /** Whole batches of one segment. */
    private record Piece(int segment, int start, int bytes) {}

    private static @Nullable Piece find(
            ShardView view, long offset, long visibleEnd, int maxBytes, boolean atLeastOneBatch) throws IOException {
        for (int i = Math.max(view.segmentOf(offset), 0); i <= view.visibleSegment(); i++) {
            Segment segment = view.segments[i];
            try {
                int limit = limit(view, i, visibleEnd);
                int start = segment.positionOf(offset, limit);
                if (start < limit) {
                    int end =
                            limit - start <= maxBytes ? limit : segment.boundaryBefore(start, start + maxBytes, limit);
                    if (end == start && atLeastOneBatch) {
                        end = segment.endOfBatchAt(start, limit);
                    }
                    return end == start ? null : new Piece(i, start, end - start);
                }
            } catch (IOException e) {
                throw segment.failure(e);
            }
        }
        return null;
    }

    /** Where what the reader may see ends in the segment; below the high watermark only for a transaction that is open. */
    private static int limit(ShardView view, int index, long visibleEnd) throws IOException {
        int limit = view.limit(index);
        Segment segment = view.segments[index];
        return visibleEnd < view.state().highWatermark() && segment.nextOffset() > visibleEnd
                ? segment.positionOf(visibleEnd, limit)
                : limit;
    }

    private static ReadResult take(ShardView view, Piece piece, long offset, long visibleEnd, Isolation isolation)
            throws IOException {
        Segment segment = view.segments[piece.segment];
        try {
            List<AbortedTransaction> aborted = isolation == Isolation.READ_COMMITTED && view.hasAborted(piece.segment)
                    ? AbortedIndex.overlapping(view.segments, piece.segment, offset, endOffset(view, piece, visibleEnd))
                    : List.of();
            return result(view.state(), segment.file.slice(piece.start, piece.bytes), aborted);
        } catch (IOException e) {
            throw segment.failure(e);
        }
    }

    private static long endOffset(ShardView view, Piece piece, long visibleEnd) throws IOException {
        Segment segment = view.segments[piece.segment];
        int end = piece.start + piece.bytes;
        int limit = view.limit(piece.segment);
        return end < limit
                ? BatchWalk.over(segment.file, limit).at(end).baseOffset()
                : Math.min(segment.nextOffset(), visibleEnd);
    }

    private static ReadResult result(PartitionState state, @Nullable LogSlice slice, List<AbortedTransaction> aborted) {
        return new ReadResult(
                BrokerError.NONE,
                slice,
                state.highWatermark(),
                state.lastStableOffset(),
                state.logStartOffset(),
                aborted);
    }
}
