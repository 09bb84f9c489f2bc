package io.robustmq.kafka.share;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.CommittedFilter;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import java.util.ArrayList;
import java.util.List;

/** What was read of a partition for a member of a share group. Owns the buffer. Owned by the connection's loop. */
final class SeenBatches {
    private final ByteBuf buffer;
    private final long from;
    private final List<OffsetRange> deliverable = new ArrayList<>();
    private long until;

    /** Takes {@code buffer}. */
    SeenBatches(ByteBuf buffer, long from, ReadResult read, Isolation isolation) {
        this.buffer = buffer;
        this.from = from;
        this.until = from;
        CommittedFilter committed = isolation == Isolation.READ_COMMITTED
                ? new CommittedFilter(read.abortedTransactions())
                : new CommittedFilter(List.of());
        RecordReader.forEachBatch(buffer, batch -> {
            // Without aborted transactions this leaves out control batches alone.
            if (committed.accepts(batch)) {
                deliverable.add(new OffsetRange(batch.baseOffset(), batch.lastOffset()));
            }
            until = batch.nextOffset();
            return true;
        });
    }

    Seen seen() {
        return new Seen(from, until, deliverable);
    }

    /** The batches from the first acquired record to the last; whoever calls owns them. Leaves this one empty. */
    BufferSlice take(List<AcquiredRange> acquired) {
        long first = acquired.get(0).first();
        long last = acquired.get(acquired.size() - 1).last();
        int[] bounds = {buffer.readerIndex(), buffer.readerIndex()};
        RecordReader.forEachBatch(buffer, batch -> {
            if (batch.lastOffset() < first) {
                bounds[0] = batch.end();
            }
            if (batch.baseOffset() <= last) {
                bounds[1] = batch.end();
            }
            return true;
        });
        return new BufferSlice(buffer.setIndex(bounds[0], bounds[1]));
    }

    void close() {
        buffer.release();
    }
}
