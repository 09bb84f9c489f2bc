package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.record.RecordReader;
import io.robustmq.journal.clean.AbortedRanges;
import io.robustmq.journal.clean.KeyOffsets;
import java.io.IOException;
import java.util.List;

/** Enters the keys of a range of the log into a table, until the range ends or the table is full. One disk thread at a time. */
final class KeyScan {
    private final List<Segment> segments;
    private final AbortedRanges aborted;
    private final KeyOffsets keys;
    private final long fromOffset;
    private final int decompressedBytesMax;
    private final BatchChunks chunks = new BatchChunks();
    private int segment;
    private int position;
    private long endOffset;
    private boolean full;

    KeyScan(
            List<Segment> segments,
            AbortedRanges aborted,
            KeyOffsets keys,
            long fromOffset,
            long endOffset,
            int decompressedBytesMax) {
        this.segments = segments;
        this.aborted = aborted;
        this.keys = keys;
        this.fromOffset = fromOffset;
        this.endOffset = endOffset;
        this.decompressedBytesMax = decompressedBytesMax;
        while (segment < segments.size() && segments.get(segment).nextOffset() <= fromOffset) {
            segment++;
        }
    }

    /** A bounded part: how many bytes were read, 0 when nothing is left to do. */
    int step() throws IOException {
        while (!full && segment < segments.size()) {
            Segment now = segments.get(segment);
            if (position < now.sizeInBytes()) {
                ByteBuf chunk = chunks.read(now, position);
                enter(chunk);
                position += chunk.readableBytes();
                return chunk.readableBytes();
            }
            segment++;
            position = 0;
        }
        return 0;
    }

    /** The table knows all keys below. */
    long endOffset() {
        return endOffset;
    }

    private void enter(ByteBuf chunk) {
        RecordReader.forEach(chunk, decompressedBytesMax, (batch, record) -> {
            ByteBuf key = record.key();
            if (key == null || record.offset() < fromOffset || aborted.covers(batch)) {
                return true;
            }
            if (!keys.put(key, record.offset())) {
                full = true;
                endOffset = record.offset();
            }
            return !full;
        });
    }
}
