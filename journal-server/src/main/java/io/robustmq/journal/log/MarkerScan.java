package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.record.MarkerKind;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.clean.AbortedRanges;
import java.io.IOException;

/**
 * Finds out which transactions below an offset were aborted: reads headers from the beginning of the log to there, and on
 * until each of these transactions has its marker, but not beyond what is durable: a marker that a power cut takes back must
 * not have made anything go. Used by one disk thread at a time.
 */
final class MarkerScan {
    private static final int BATCHES_PER_STEP = 2_000;

    private final ShardView view;
    private final long endOffset;
    private final long durableOffset;
    private final AbortedRanges aborted = new AbortedRanges();
    private int segment;
    private int position;

    MarkerScan(ShardView view, long endOffset, long durableOffset) {
        this.view = view;
        this.endOffset = endOffset;
        this.durableOffset = durableOffset;
    }

    /** A bounded part; true when nothing is left to do. */
    boolean step() throws IOException {
        for (int i = 0; i < BATCHES_PER_STEP; i++) {
            if (segment > view.visibleSegment()) {
                return true;
            }
            Segment now = view.segments[segment];
            int limit = view.limit(segment);
            if (position >= limit) {
                segment++;
                position = 0;
                continue;
            }
            RecordBatch batch = BatchWalk.over(now.file, limit).at(position);
            int size = batch.sizeInBytes();
            boolean behind = batch.baseOffset() >= endOffset && !aborted.anyOpen();
            if (behind || batch.nextOffset() > durableOffset) {
                return true;
            }
            if (batch.isControl()) {
                aborted.onMarker(batch, marker(now, size));
            } else if (batch.baseOffset() < endOffset) {
                aborted.onData(batch);
            }
            position += size;
        }
        return false;
    }

    AbortedRanges aborted() {
        return aborted;
    }

    private MarkerKind marker(Segment now, int size) throws IOException {
        try (LogSlice slice = now.file.slice(position, size)) {
            ByteBuf bytes = slice.toBuffer();
            try {
                return MarkerKind.of(new RecordBatch(bytes, bytes.readerIndex()));
            } finally {
                bytes.release();
            }
        }
    }
}
