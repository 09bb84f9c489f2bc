package io.robustmq.kafka.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/** One partition's batches in memory; everything appended is visible at once. */
final class MemoryLog {
    private static final int UNPACKED_MAX = 1 << 26;

    private final MemoryJournal journal;
    private final TreeMap<Long, byte[]> batches = new TreeMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final TreeMap<Integer, Long> epochStarts = new TreeMap<>();
    private long start;
    private long end;

    MemoryLog(MemoryJournal journal) {
        this.journal = journal;
    }

    synchronized AppendResult append(ByteBuf bytes, int epoch) {
        long base = end;
        int at = bytes.readerIndex();
        while (at < bytes.writerIndex()) {
            RecordBatch batch = new RecordBatch(bytes, at);
            if (!RecordBatch.isWhole(bytes, at, bytes.writerIndex()) || !batch.isIntact()) {
                return AppendResult.refused(BrokerError.CORRUPT_MESSAGE);
            }
            batch.assign(end, epoch);
            epochStarts.putIfAbsent(epoch, end);
            batches.put(end, ByteBufUtil.getBytes(bytes, at, batch.sizeInBytes()));
            end = batch.nextOffset();
            at = batch.end();
        }
        wakeWaiters();
        return AppendResult.appended(base, -1, start);
    }

    synchronized ReadResult read(long offset, int maxBytes, boolean atLeastOne) {
        if (offset < start || offset > end) {
            return new ReadResult(BrokerError.OFFSET_OUT_OF_RANGE, null, end, end, start, List.of());
        }
        Long first = batches.floorKey(offset);
        List<byte[]> found = new ArrayList<>();
        int size = 0;
        if (first != null && offset < end) {
            for (byte[] batch : batches.tailMap(first).values()) {
                if (size + batch.length > maxBytes && !(atLeastOne && found.isEmpty())) {
                    break;
                }
                found.add(batch);
                size += batch.length;
            }
        }
        MemorySlice slice =
                found.isEmpty() ? null : journal.slice(Unpooled.wrappedBuffer(found.toArray(new byte[0][])));
        return new ReadResult(BrokerError.NONE, slice, end, end, start, List.of());
    }

    synchronized Cancellable onAdvance(long offset, Loop loop, Runnable task) {
        Waiter waiter = new Waiter(offset, loop, task);
        if (end > offset) {
            loop.run(task);
            return Cancellable.NOTHING;
        }
        waiters.add(waiter);
        return () -> {
            synchronized (this) {
                waiters.remove(waiter);
            }
        };
    }

    synchronized int waiterCount() {
        return waiters.size();
    }

    /** The partition is not led here any more. */
    synchronized void wakeAll() {
        waiters.forEach(waiter -> waiter.loop().execute(waiter.task()));
        waiters.clear();
    }

    synchronized PartitionState state(boolean leader, int epoch) {
        return new PartitionState(leader, epoch, start, end, end, end, 0);
    }

    synchronized TimestampedOffset offsetForTime(long timestamp) {
        TimestampedOffset[] found = {TimestampedOffset.NONE};
        for (byte[] bytes : batches.values()) {
            RecordReader.forEach(Unpooled.wrappedBuffer(bytes), UNPACKED_MAX, (batch, record) -> {
                if (record.timestampMs() >= timestamp) {
                    found[0] = new TimestampedOffset(record.timestampMs(), record.offset(), batch.leaderEpoch());
                }
                return found[0].equals(TimestampedOffset.NONE);
            });
            if (!found[0].equals(TimestampedOffset.NONE)) {
                break;
            }
        }
        return found[0];
    }

    synchronized TimestampedOffset offsetForMaxTimestamp() {
        TimestampedOffset[] found = {TimestampedOffset.NONE};
        for (byte[] bytes : batches.values()) {
            RecordReader.forAll(Unpooled.wrappedBuffer(bytes), UNPACKED_MAX, (batch, record) -> {
                if (record.timestampMs() > found[0].timestampMs()) {
                    found[0] = new TimestampedOffset(record.timestampMs(), record.offset(), batch.leaderEpoch());
                }
            });
        }
        return found[0];
    }

    synchronized EpochEnd endOfEpoch(int epoch, int currentEpoch) {
        Integer known = epochStarts.floorKey(epoch);
        if (known == null || epoch > currentEpoch) {
            return EpochEnd.UNKNOWN;
        }
        Integer next = epochStarts.higherKey(epoch);
        return new EpochEnd(known, next == null ? end : epochStarts.get(next));
    }

    synchronized AppendResult deleteRecords(long before) {
        long target = before < 0 ? end : before;
        if (target > end) {
            return AppendResult.refused(BrokerError.OFFSET_OUT_OF_RANGE);
        }
        start = Math.max(start, target);
        return AppendResult.appended(start, -1, start);
    }

    private void wakeWaiters() {
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
            Waiter waiter = each.next();
            if (end > waiter.offset()) {
                each.remove();
                waiter.loop().execute(waiter.task());
            }
        }
    }

    private record Waiter(long offset, Loop loop, Runnable task) {}
}
