package io.robustmq.journal.tier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.log.ArraySlice;
import io.robustmq.journal.tier.TierCache.Found;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of one partition's stored segments: what the cache has, at once; else it is asked for, and who reads waits as for more
 * at the log's end. Any thread; what is stored is shown by the shard loop.
 */
public final class TierReads {
    private static final Logger LOG = LoggerFactory.getLogger(TierReads.class);
    private static final int AGAIN_MS = 20;

    private final Partition partition;
    private final NodeTier tier;
    private volatile @Nullable List<TierSegment> stored;

    public TierReads(Partition partition, NodeTier tier) {
        this.partition = partition;
        this.tier = tier;
    }

    /** What there is, in order and without gaps; null while that is not known. By the shard loop. */
    public void show(@Nullable List<TierSegment> segments) {
        stored = segments;
    }

    /**
     * What is stored there, if it is in memory; else it is asked for, and on its way.
     *
     * @param offset from the log start on, and below what is here
     */
    public ReadResult read(
            PartitionState state, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        List<TierSegment> segments = stored;
        ReadResult coming = ReadResult.coming(state.highWatermark(), state.lastStableOffset(), state.logStartOffset());
        if (segments == null) {
            return coming;
        }
        int at = indexOf(segments, offset);
        if (at < 0) {
            // It has just been deleted; or the manifest lacks it, which is nothing that time heals.
            return refused(state, offset, null);
        }
        if (maxBytes <= 0 && !atLeastOneBatch) {
            return result(state, null, List.of());
        }
        TierSegment segment = segments.get(at);
        Found found = tier.cache.get(sideKey(segment));
        if (found == null) {
            askSide(segment);
            return coming;
        }
        if (!(found.value() instanceof TierSide side)) {
            return refused(state, offset, found.failure());
        }
        Wish wish = new Wish(offset, maxBytes, atLeastOneBatch, isolation);
        return read(state, segments, at, side, side.chunkOf(offset), wish);
    }

    private record Wish(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {}

    private ReadResult read(
            PartitionState state, List<TierSegment> segments, int at, TierSide side, int chunk, Wish wish) {
        TierSegment segment = segments.get(at);
        Found bytes = tier.cache.get(chunkKey(segment, chunk));
        boolean goesOn = chunk > 0 && tier.cache.has(chunkKey(segment, chunk - 1));
        if (bytes == null) {
            TierSide.Chunk place = side.chunks().get(chunk);
            boolean unused =
                    tier.cache.request(chunkKey(segment, chunk), place.bytes(), () -> tier.readChunk(segment, place));
        }
        if (goesOn || (chunk == 0 && at > 0 && tier.cache.has(sideKey(segments.get(at - 1))))) {
            askAhead(segments, at, side, chunk);
        }
        if (bytes == null) {
            return ReadResult.coming(state.highWatermark(), state.lastStableOffset(), state.logStartOffset());
        }
        if (!(bytes.value() instanceof byte[] batches)) {
            return refused(state, wish.offset, bytes.failure());
        }
        int start = startOf(batches, wish.offset);
        if (start == batches.length && chunk + 1 < side.chunks().size()) {
            // In the gap between two chunks of what was stored when each began with its first record.
            return read(state, segments, at, side, chunk + 1, wish);
        }
        return take(state, segment, side, batches, start, wish);
    }

    /** Of the first batch that reaches the offset. */
    private static int startOf(byte[] batches, long offset) {
        ByteBuf all = Unpooled.wrappedBuffer(batches);
        int start = 0;
        while (start < batches.length && new RecordBatch(all, start).lastOffset() < offset) {
            start = new RecordBatch(all, start).end();
        }
        return start;
    }

    private static ReadResult take(
            PartitionState state, TierSegment segment, TierSide side, byte[] batches, int start, Wish wish) {
        ByteBuf all = Unpooled.wrappedBuffer(batches);
        int end = start;
        long endOffset = wish.offset;
        while (end < batches.length) {
            RecordBatch batch = new RecordBatch(all, end);
            boolean fits = batch.end() - start <= wish.maxBytes || (end == start && wish.atLeastOneBatch);
            if (!fits) {
                break;
            }
            end = batch.end();
            endOffset = batch.nextOffset();
        }
        if (end == start) {
            if (start == batches.length) {
                throw new AssertionError(segment.name() + " does not reach " + wish.offset);
            }
            return result(state, null, List.of());
        }
        List<AbortedTransaction> aborted =
                wish.isolation == Isolation.READ_COMMITTED ? side.abortedIn(wish.offset, endOffset) : List.of();
        return result(state, new ArraySlice(Unpooled.wrappedBuffer(batches, start, end - start)), aborted);
    }

    private static ReadResult result(
            PartitionState state, @Nullable ArraySlice slice, List<AbortedTransaction> aborted) {
        return new ReadResult(
                BrokerError.NONE,
                slice,
                state.highWatermark(),
                state.lastStableOffset(),
                state.logStartOffset(),
                aborted);
    }

    private ReadResult refused(PartitionState state, long offset, @Nullable IOException failure) {
        boolean gone = failure == null
                || (failure instanceof StoreException known && known.kind() == StoreException.Kind.NOT_FOUND);
        LOG.warn(
                "shard={} offset={} action=refuse reason=\"{}\"",
                partition,
                offset,
                failure == null ? "nothing is stored there" : failure.getMessage());
        return gone && isBelowStored(offset)
                ? new ReadResult(
                        BrokerError.OFFSET_OUT_OF_RANGE,
                        null,
                        state.highWatermark(),
                        state.lastStableOffset(),
                        state.logStartOffset(),
                        List.of())
                : ReadResult.refused(BrokerError.STORAGE_ERROR);
    }

    /** Whether it lies below what is stored by now: retention took it. */
    private boolean isBelowStored(long offset) {
        List<TierSegment> segments = stored;
        return segments != null
                && !segments.isEmpty()
                && offset < segments.get(0).baseOffset();
    }

    /** Runs the task when what is at the offset is here, or cannot be. */
    public Cancellable onArrival(long offset, Loop loop, Runnable task) {
        List<TierSegment> segments = stored;
        int at = segments == null ? -1 : indexOf(segments, offset);
        if (segments == null || at < 0) {
            return loop.schedule(AGAIN_MS, task);
        }
        TierSegment segment = segments.get(at);
        TierCache.Key side = sideKey(segment);
        TierCache.Key wanted =
                tier.cache.peek(side) instanceof TierSide known ? chunkFor(segment, known, offset) : side;
        Cancellable waiting = tier.cache.onArrival(wanted, loop, task);
        return waiting == null ? loop.schedule(AGAIN_MS, task) : waiting;
    }

    /** The chunk that has the offset, or the one behind the gap that it lies in. */
    private TierCache.Key chunkFor(TierSegment segment, TierSide side, long offset) {
        int chunk = side.chunkOf(offset);
        while (chunk + 1 < side.chunks().size()
                && tier.cache.peek(chunkKey(segment, chunk)) instanceof byte[] batches
                && startOf(batches, offset) == batches.length) {
            chunk++;
        }
        return chunkKey(segment, chunk);
    }

    private void askSide(TierSegment segment) {
        boolean unused = tier.cache.request(sideKey(segment), segment.sideBytes(), () -> tier.readSide(segment));
    }

    private boolean askChunkAhead(TierSegment segment, TierSide side, int chunk) {
        TierSide.Chunk place = side.chunks().get(chunk);
        return tier.cache.requestAhead(chunkKey(segment, chunk), place.bytes(), () -> tier.readChunk(segment, place));
    }

    /** What a reader wants next who goes on from one chunk to the other, on into the segments behind. */
    private void askAhead(List<TierSegment> segments, int at, TierSide side, int chunk) {
        int left = tier.config.readAheadChunks();
        int from = chunk + 1;
        TierSide of = side;
        for (int i = at; ; ) {
            int until = Math.min(of.chunks().size(), from + left);
            for (int each = from; each < until; each++) {
                if (!askChunkAhead(segments.get(i), of, each)) {
                    return;
                }
            }
            left -= until - from;
            i++;
            if (left <= 0 || i == segments.size()) {
                return;
            }
            Found found = tier.cache.get(sideKey(segments.get(i)));
            if (found == null) {
                askSide(segments.get(i));
                return;
            }
            if (!(found.value() instanceof TierSide next)) {
                return;
            }
            of = next;
            from = 0;
        }
    }

    private static TierCache.Key sideKey(TierSegment segment) {
        return new TierCache.Key(segment.sideName(), TierCache.Key.WHOLE);
    }

    private static TierCache.Key chunkKey(TierSegment segment, int chunk) {
        return new TierCache.Key(segment.logName(), chunk);
    }

    /** The segment that holds the offset; -1 if none does. */
    static int indexOf(List<TierSegment> segments, long offset) {
        int low = 0;
        int high = segments.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            TierSegment segment = segments.get(middle);
            if (offset < segment.baseOffset()) {
                high = middle - 1;
            } else if (offset >= segment.endOffset()) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -1;
    }

    /** What there is, in order; null while that is not known. */
    public @Nullable List<TierSegment> segments() {
        return stored;
    }

    /** The first record of {@code of} from {@code logStart} on that is not older; told once, in a thread that may wait, or at once. */
    public void first(
            List<TierSegment> of,
            long timestampMs,
            long logStart,
            int decompressedBytesMax,
            Consumer<TimestampedOffset> done) {
        List<TierSegment> candidates = of.stream()
                .filter(each -> each.maxTimestamp() >= timestampMs && each.endOffset() > logStart)
                .toList();
        if (candidates.isEmpty()) {
            done.accept(TimestampedOffset.NONE);
        } else if (!tier.later(() -> done.accept(firstOf(candidates, timestampMs, logStart, decompressedBytesMax)))) {
            LOG.warn(
                    "shard={} action=look up time later reason=\"too many reads wait for the object store\"",
                    partition);
            done.accept(TimestampedOffset.refused(BrokerError.STORAGE_ERROR));
        }
    }

    private TimestampedOffset firstOf(
            List<TierSegment> candidates, long timestampMs, long logStart, int decompressedBytesMax) {
        try {
            for (TierSegment segment : candidates) {
                TierSide side = tier.readSide(segment);
                for (TierSide.Chunk chunk : side.chunks()) {
                    if (chunk.maxTimestamp() >= timestampMs) {
                        TimestampedOffset found =
                                firstIn(tier.readChunk(segment, chunk), timestampMs, logStart, decompressedBytesMax);
                        if (found.offset() >= 0) {
                            return found;
                        }
                    }
                }
            }
            return TimestampedOffset.NONE;
        } catch (IOException e) {
            LOG.warn("shard={} action=look up time failed", partition, e);
            return TimestampedOffset.refused(BrokerError.STORAGE_ERROR);
        } catch (RuntimeException | Error e) {
            LOG.error("shard={} action=look up time failed", partition, e);
            return TimestampedOffset.refused(BrokerError.UNEXPECTED);
        }
    }

    private static TimestampedOffset firstIn(
            byte[] batches, long timestampMs, long logStart, int decompressedBytesMax) {
        TimestampedOffset[] found = {TimestampedOffset.NONE};
        ByteBuf all = Unpooled.wrappedBuffer(batches);
        for (int at = 0; at < batches.length && found[0].offset() < 0; ) {
            RecordBatch batch = new RecordBatch(all, at);
            int end = batch.end();
            if (batch.maxTimestamp() >= timestampMs && batch.isControl() && batch.baseOffset() >= logStart) {
                return new TimestampedOffset(batch.maxTimestamp(), batch.baseOffset(), batch.leaderEpoch());
            }
            if (batch.maxTimestamp() >= timestampMs && !batch.isControl()) {
                RecordReader.forEach(all.slice(at, end - at), decompressedBytesMax, (of, record) -> {
                    if (record.timestampMs() < timestampMs || record.offset() < logStart) {
                        return true;
                    }
                    found[0] = new TimestampedOffset(record.timestampMs(), record.offset(), of.leaderEpoch());
                    return false;
                });
            }
            at = end;
        }
        return found[0];
    }
}
