package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads what is not yet trusted of a segment, batch by batch with checksums, and cuts it at the first that is not whole. */
final class LogScanner {
    private static final int BUFFER_BYTES = 1 << 20;

    private LogScanner() {}

    /** Extends {@code segment} by every good batch beyond what it knows; whether something was cut off. */
    static boolean scan(Segment segment, int indexIntervalBytes, EpochHistory epochs) throws IOException {
        long size = segment.file.size();
        if (size == segment.sizeInBytes()) {
            return false;
        }
        byte[] bytes = new byte[(int) Math.min(BUFFER_BYTES, size - segment.sizeInBytes())];
        while (segment.sizeInBytes() < size) {
            long left = size - segment.sizeInBytes();
            int filled = (int) Math.min(bytes.length, left);
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes, 0, filled);
            segment.file.read(segment.sizeInBytes(), ByteBuffer.wrap(bytes, 0, filled));
            int good = addGood(segment, buffer, indexIntervalBytes, epochs);
            if (good == 0) {
                long wanted = wantedBytes(buffer);
                if (wanted <= filled || wanted > left) {
                    segment.file.truncate(segment.sizeInBytes());
                    return true;
                }
                bytes = new byte[(int) wanted];
            }
        }
        return false;
    }

    private static int addGood(Segment segment, ByteBuf buffer, int indexIntervalBytes, EpochHistory epochs) {
        int at = 0;
        while (RecordBatch.isWhole(buffer, at, buffer.writerIndex())) {
            RecordBatch batch = new RecordBatch(buffer, at);
            if (!isGood(batch, segment.nextOffset())) {
                return at;
            }
            epochs.assign(batch.leaderEpoch(), batch.baseOffset());
            segment.added(batch, indexIntervalBytes);
            at = batch.end();
        }
        return at;
    }

    private static boolean isGood(RecordBatch batch, long expectedOffset) {
        return batch.magic() == RecordBatch.MAGIC
                && batch.baseOffset() >= expectedOffset
                && batch.lastOffsetDelta() >= 0
                && batch.isIntact();
    }

    /** The size of the first batch by its own header; 0 when there is no header. */
    private static long wantedBytes(ByteBuf buffer) {
        if (buffer.readableBytes() < RecordBatch.HEADER_BYTES) {
            return 0;
        }
        long size = new RecordBatch(buffer, 0).sizeInBytes();
        return size < RecordBatch.HEADER_BYTES ? 0 : size;
    }
}
