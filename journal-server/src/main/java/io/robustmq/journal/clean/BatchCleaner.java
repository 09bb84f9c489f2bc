package io.robustmq.journal.clean;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.record.BatchRewriter;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordView;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;

/**
 * What stays of each batch, from the beginning of the log on, in order. Used by one thread for one pass.
 *
 * <p>Records go when their key has a newer one, when their transaction was aborted, and, without a value, when their delete
 * horizon has passed. A marker goes when nothing of its transaction is left and its horizon has passed. A horizon is set when
 * what it is for is first seen here. The last batch of each producer stays, if need be without records: it says which
 * sequence comes next.
 */
public final class BatchCleaner {
    /** In {@code lastOfProducers}: the producer wrote markers only. */
    public static final long NO_DATA = -2;

    /** What {@code lastOfProducers} gives for a producer that is not known. */
    public static final long UNKNOWN = -1;

    private final KeyOffsets keys;
    private final long mapEnd;
    private final AbortedRanges aborted;
    private final Long2LongHashMap lastOfProducers;
    private final long nowMs;
    private final long deleteRetentionMs;
    private final BatchRewriter rewriter;
    private final LongHashSet withData = new LongHashSet();
    private RecordBatch batch;
    private int leaderEpoch;
    private long nextHorizonMs = Long.MAX_VALUE;

    /**
     * @param mapEnd {@code keys} knows the records below it
     * @param lastOfProducers the last offset of the newest data batch, by producer id
     */
    @SuppressWarnings("NullAway.Init") // a batch comes with the first call
    public BatchCleaner(
            KeyOffsets keys,
            long mapEnd,
            AbortedRanges aborted,
            Long2LongHashMap lastOfProducers,
            long nowMs,
            long deleteRetentionMs,
            int decompressedBytesMax) {
        this.keys = keys;
        this.mapEnd = mapEnd;
        this.aborted = aborted;
        this.lastOfProducers = lastOfProducers;
        this.nowMs = nowMs;
        this.deleteRetentionMs = deleteRetentionMs;
        this.rewriter = new BatchRewriter(decompressedBytesMax);
    }

    /** Appends what stays of {@code next} to {@code target}; true when it is the same bytes. */
    public boolean clean(RecordBatch next, ByteBuf target) {
        batch = next;
        leaderEpoch = next.leaderEpoch();
        return next.isControl() ? cleanMarker(target) : cleanData(target);
    }

    /** Appends a batch of no records for the last offset of a segment, which must not be lost: the next one begins there. */
    public void fill(long lastOffset, ByteBuf target) {
        BatchRewriter.writeFiller(lastOffset, leaderEpoch, target);
    }

    /** When the first of the horizons passes that were seen or set, and have not passed yet. */
    public long nextHorizonMs() {
        return nextHorizonMs;
    }

    private boolean cleanMarker(ByteBuf target) {
        long id = batch.producerId();
        long horizon = batch.deleteHorizonMs();
        if (withData.remove(id) || !batch.hasProducerId() || lastOfProducers.get(id) == NO_DATA) {
            return whole(target);
        }
        if (horizon == RecordBatch.NO_HORIZON) {
            rewriter.choose(batch, record -> true);
            return withHorizon(target);
        }
        return horizon > nowMs && whole(target);
    }

    private boolean cleanData(ByteBuf target) {
        if (batch.isTransactional()) {
            withData.add(batch.producerId());
        }
        if (aborted.covers(batch)) {
            rewriter.choose(batch, record -> false);
        } else {
            rewriter.choose(batch, this::keeps);
        }
        if (rewriter.choseNone()) {
            return isLastOfProducer() && empty(target);
        }
        boolean horizonDue = rewriter.choseTombstones()
                && batch.deleteHorizonMs() == RecordBatch.NO_HORIZON
                && batch.nextOffset() <= mapEnd;
        if (horizonDue) {
            return withHorizon(target);
        }
        if (rewriter.choseAll()) {
            return whole(target);
        }
        // Without tombstones a horizon means nothing any more.
        long horizon = rewriter.choseTombstones() ? batch.deleteHorizonMs() : RecordBatch.NO_HORIZON;
        rewriter.write(target, horizon);
        see(horizon);
        return false;
    }

    private boolean keeps(RecordView record) {
        if (record.offset() >= mapEnd) {
            return true;
        }
        ByteBuf key = record.key();
        if (key == null || keys.get(key) > record.offset()) {
            return false;
        }
        long horizon = batch.deleteHorizonMs();
        return !record.isTombstone() || horizon == RecordBatch.NO_HORIZON || horizon > nowMs;
    }

    private boolean isLastOfProducer() {
        return batch.hasProducerId() && lastOfProducers.get(batch.producerId()) == batch.lastOffset();
    }

    private boolean whole(ByteBuf target) {
        target.writeBytes(batch.buffer(), batch.start(), batch.sizeInBytes());
        see(batch.deleteHorizonMs());
        return true;
    }

    private boolean withHorizon(ByteBuf target) {
        long horizon = nowMs + deleteRetentionMs;
        rewriter.write(target, horizon);
        nextHorizonMs = Math.min(nextHorizonMs, horizon);
        return false;
    }

    private boolean empty(ByteBuf target) {
        if (batch.count() == 0) {
            return whole(target);
        }
        BatchRewriter.writeEmpty(batch, target);
        return false;
    }

    private void see(long horizon) {
        if (horizon > nowMs) {
            nextHorizonMs = Math.min(nextHorizonMs, horizon);
        }
    }
}
