package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import java.io.IOException;

/**
 * Finds records by time, looking inside batches. Stateless; runs in a disk thread, since it reads and decompresses. Throws
 * IllegalStateException when a segment was closed since the view was published: take the newer view.
 */
public final class TimeLookup {
    private TimeLookup() {}

    /** The first record from the log start to {@code visibleEnd} that is not older than {@code timestampMs}. */
    public static TimestampedOffset first(
            ShardView view, long timestampMs, long visibleEnd, int decompressedBytesMax, Payloads payloads)
            throws IOException {
        for (int i = 0; i <= view.visibleSegment(); i++) {
            Segment segment = view.segments[i];
            if (segment.maxTimestamp() < timestampMs) {
                continue;
            }
            TimestampedOffset found;
            try {
                found = firstIn(
                        segment,
                        timestampMs,
                        view.limit(i),
                        view.state().logStartOffset(),
                        decompressedBytesMax,
                        payloads);
            } catch (IOException e) {
                throw segment.failure(e);
            }
            if (found.offset() >= 0) {
                return found.offset() < visibleEnd ? found : TimestampedOffset.NONE;
            }
        }
        return TimestampedOffset.NONE;
    }

    /** The first record with the largest timestamp below the high watermark. */
    public static TimestampedOffset newest(ShardView view, int decompressedBytesMax, Payloads payloads)
            throws IOException {
        long newest = Segment.NO_TIMESTAMP;
        for (int i = 0; i <= view.visibleSegment(); i++) {
            Segment segment = view.segments[i];
            int limit = view.limit(i);
            try {
                newest = Math.max(
                        newest,
                        limit == segment.sizeInBytes() ? segment.maxTimestamp() : maxTimestampBelow(segment, limit));
            } catch (IOException e) {
                throw segment.failure(e);
            }
        }
        return newest == Segment.NO_TIMESTAMP
                ? TimestampedOffset.NONE
                : first(view, newest, view.state().highWatermark(), decompressedBytesMax, payloads);
    }

    private static TimestampedOffset firstIn(
            Segment segment, long timestampMs, int limit, long startOffset, int decompressedBytesMax, Payloads payloads)
            throws IOException {
        int position = segment.index().floorByTimestamp(timestampMs);
        while (position < limit) {
            RecordBatch batch = BatchWalk.over(segment.file, limit).at(position);
            int size = batch.sizeInBytes();
            if (batch.maxTimestamp() >= timestampMs && batch.isControl() && batch.baseOffset() >= startOffset) {
                // As Kafka: a marker has its place in time.
                return new TimestampedOffset(batch.maxTimestamp(), batch.baseOffset(), batch.leaderEpoch());
            }
            if (batch.maxTimestamp() >= timestampMs && !batch.isControl()) {
                TimestampedOffset found =
                        inside(segment, position, size, timestampMs, startOffset, decompressedBytesMax, payloads);
                if (found.offset() >= 0) {
                    return found;
                }
            }
            position += size;
        }
        return TimestampedOffset.NONE;
    }

    private static long maxTimestampBelow(Segment segment, int limit) throws IOException {
        BatchIndex index = segment.index();
        int entry = index.floorByPosition(limit);
        int position = entry < 0 ? 0 : BatchIndex.position(index.place(entry));
        long newest = entry < 0 ? Segment.NO_TIMESTAMP : index.maxTimestampBefore(entry);
        BatchWalk walk = BatchWalk.over(segment.file, limit);
        while (position < limit) {
            RecordBatch batch = walk.at(position);
            newest = batch.count() == 0 ? newest : Math.max(newest, batch.maxTimestamp());
            position += batch.sizeInBytes();
        }
        return newest;
    }

    private static TimestampedOffset inside(
            Segment segment,
            int position,
            int size,
            long timestampMs,
            long startOffset,
            int decompressedBytesMax,
            Payloads payloads)
            throws IOException {
        TimestampedOffset[] found = {TimestampedOffset.NONE};
        try (LogSlice slice = segment.file.slice(position, size)) {
            ByteBuf bytes = slice.toBuffer();
            try {
                ByteBuf batches = Payloads.refers(bytes) ? Unpooled.wrappedBuffer(payloads.restore(bytes)) : bytes;
                RecordReader.forEach(batches, decompressedBytesMax, (batch, record) -> {
                    if (record.timestampMs() < timestampMs || record.offset() < startOffset) {
                        return true;
                    }
                    found[0] = new TimestampedOffset(record.timestampMs(), record.offset(), batch.leaderEpoch());
                    return false;
                });
            } finally {
                bytes.release();
            }
        }
        return found[0];
    }
}
