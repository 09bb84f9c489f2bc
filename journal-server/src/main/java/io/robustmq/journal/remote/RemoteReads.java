package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.log.ArraySlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What other nodes answered to reads, for a short time: who reads gets what is here, and is told when what is missing has come.
 * What is held are plain arrays, so that nobody has to say when he is done with them. Any thread; one lock, held for a few steps.
 *
 * <pre>
 *   (nothing) ── read ──► asked ── records, or a refusal ──► here ── too old, too many, or no longer all there is ──► (nothing)
 *                           └── nothing to say in time ──► (nothing)
 * </pre>
 */
final class RemoteReads {
    /** Bounds how long records are still read that were deleted. */
    private static final long KEPT_NANOS = 1_000_000_000L;

    private final long bytesMax;
    private final Asker asker;
    private final LongSupplier clock;
    private final Map<Place, Entry> asked = new HashMap<>();
    /** What has come, the least lately read first. */
    private final Map<Place, Entry> here = new LinkedHashMap<>(16, 0.75f, true);
    /** The visible end as it was last heard of. */
    private final Map<Log, Long> ends = new ConcurrentHashMap<>();

    private long bytes;

    /** A partition in one leader epoch, as it is seen with one isolation. */
    record Log(Partition partition, int leaderEpoch, Isolation isolation) {}

    /** From where somebody reads. */
    record Place(Log log, long offset) {}

    /** Asks the leader; the answer comes by {@link #answered}. */
    @FunctionalInterface
    interface Asker {
        void ask(Place place, int maxBytes);

        /** Nobody waits for it any more: whether it will not be answered. */
        default boolean drop(Place place) {
            return false;
        }
    }

    /** What was asked, who waits for it, and the answer. */
    private static final class Entry {
        private final List<Waiter> waiters = new ArrayList<>(1);
        private @Nullable ReadResult head;
        private byte[] records = new byte[0];
        private long atNanos;
    }

    private record Waiter(Loop loop, Runnable task) {}

    RemoteReads(long bytesMax, LongSupplier clock, Asker asker) {
        this.bytesMax = bytesMax;
        this.clock = clock;
        this.asker = asker;
    }

    /** With nothing, and {@code offset} for the ends that are not known, when it is not here yet. */
    ReadResult read(Log log, long offset, int maxBytes, boolean atLeastOneBatch) {
        Place place = new Place(log, offset);
        ReadResult nothing = new ReadResult(BrokerError.NONE, null, offset, offset, -1, List.of());
        if (maxBytes <= 0 && !atLeastOneBatch) {
            return nothing;
        }
        ReadResult head;
        byte[] records;
        synchronized (this) {
            Entry entry = fresh(place);
            head = entry == null ? null : entry.head;
            if (head == null || entry == null) {
                records = new byte[0];
            } else {
                records = entry.records;
                if (head.error() != BrokerError.NONE) {
                    drop(place, entry);
                }
            }
        }
        if (head == null) {
            ensure(place, maxBytes);
            return nothing;
        }
        int length = fitting(records, maxBytes, atLeastOneBatch);
        return new ReadResult(
                head.error(),
                length == 0 ? null : new ArraySlice(Unpooled.wrappedBuffer(records, 0, length)),
                head.highWatermark(),
                head.lastStableOffset(),
                head.logStartOffset(),
                head.abortedTransactions());
    }

    /** Runs the task when what is at the offset is here; at once if it is. */
    Cancellable onAnswer(Log log, long offset, int maxBytes, Loop loop, Runnable task) {
        Place place = new Place(log, offset);
        Waiter waiter = new Waiter(loop, task);
        synchronized (this) {
            if (fresh(place) != null) {
                loop.execute(task);
                return Cancellable.NOTHING;
            }
            Entry entry = asked.get(place);
            if (entry != null) {
                entry.waiters.add(waiter);
                return () -> forget(place, waiter);
            }
            entry = new Entry();
            entry.waiters.add(waiter);
            asked.put(place, entry);
        }
        asker.ask(place, maxBytes);
        return () -> forget(place, waiter);
    }

    private synchronized void forget(Place place, Waiter waiter) {
        Entry entry = asked.get(place);
        if (entry != null && entry.waiters.remove(waiter) && entry.waiters.isEmpty() && asker.drop(place)) {
            asked.remove(place);
        }
    }

    private void ensure(Place place, int maxBytes) {
        synchronized (this) {
            if (asked.containsKey(place)) {
                return;
            }
            asked.put(place, new Entry());
        }
        asker.ask(place, maxBytes);
    }

    /** Borrows {@code records}. */
    void answered(Place place, ReadResult head, ByteBuf records) {
        List<Waiter> woken;
        synchronized (this) {
            Entry entry = asked.remove(place);
            if (entry == null) {
                return;
            }
            woken = entry.waiters;
            if (head.error() == BrokerError.NONE) {
                ends.merge(place.log, end(place.log, head), Math::max);
            }
            if (head.error() != BrokerError.NONE || records.isReadable()) {
                entry.head = head;
                entry.records = new byte[records.readableBytes()];
                records.readBytes(entry.records);
                entry.atNanos = clock.getAsLong();
                bytes += entry.records.length;
                here.put(place, entry);
                evict(place);
            }
        }
        woken.forEach(waiter -> waiter.loop.execute(waiter.task));
    }

    /** The visible end as it was last heard of, -1 if never. */
    long end(Log log) {
        return ends.getOrDefault(log, -1L);
    }

    /** Of partitions of which this is true nothing is kept, and who waits for something of them looks again. */
    void forgetIf(Predicate<Log> gone) {
        List<Waiter> woken = new ArrayList<>();
        synchronized (this) {
            ends.keySet().removeIf(gone);
            here.entrySet().removeIf(each -> {
                boolean isGone = gone.test(each.getKey().log);
                bytes -= isGone ? each.getValue().records.length : 0;
                return isGone;
            });
            asked.entrySet().removeIf(each -> {
                boolean isGone = gone.test(each.getKey().log) && asker.drop(each.getKey());
                if (isGone) {
                    woken.addAll(each.getValue().waiters);
                }
                return isGone;
            });
        }
        woken.forEach(waiter -> waiter.loop.execute(waiter.task));
    }

    private static long end(Log log, ReadResult head) {
        return log.isolation == Isolation.READ_COMMITTED ? head.lastStableOffset() : head.highWatermark();
    }

    /** What has come; null when nothing has, or too long ago, or there is more by now than there was. */
    private @Nullable Entry fresh(Place place) {
        Entry entry = here.get(place);
        ReadResult head = entry == null ? null : entry.head;
        if (entry == null || head == null) {
            return null;
        }
        boolean hasAll = entry.records.length > 0 && nextOffset(entry.records) >= end(place.log, head);
        boolean isOld = clock.getAsLong() - entry.atNanos > KEPT_NANOS;
        if (isOld || (hasAll && end(place.log) > end(place.log, head))) {
            drop(place, entry);
            return null;
        }
        return entry;
    }

    private void drop(Place place, Entry entry) {
        here.remove(place);
        bytes -= entry.records.length;
    }

    private void evict(Place newest) {
        Iterator<Map.Entry<Place, Entry>> eldest = here.entrySet().iterator();
        long now = clock.getAsLong();
        while (eldest.hasNext()) {
            Map.Entry<Place, Entry> each = eldest.next();
            Entry entry = each.getValue();
            boolean isOver = bytes > bytesMax || now - entry.atNanos > KEPT_NANOS;
            if (isOver && !each.getKey().equals(newest)) {
                bytes -= entry.records.length;
                eldest.remove();
            } else if (bytes <= bytesMax) {
                return;
            }
        }
    }

    private static long nextOffset(byte[] records) {
        ByteBuf buffer = Unpooled.wrappedBuffer(records);
        long next = -1;
        for (int at = 0; at < records.length; ) {
            RecordBatch batch = new RecordBatch(buffer, at);
            next = batch.nextOffset();
            at = batch.end();
        }
        return next;
    }

    /** Bytes of the whole batches that fit. */
    private static int fitting(byte[] records, int maxBytes, boolean atLeastOneBatch) {
        if (records.length <= maxBytes) {
            return records.length;
        }
        ByteBuf buffer = Unpooled.wrappedBuffer(records);
        int end = 0;
        while (end < records.length) {
            int next = new RecordBatch(buffer, end).end();
            if (next > maxBytes && !(end == 0 && atLeastOneBatch)) {
                break;
            }
            end = next;
        }
        return end;
    }
}
