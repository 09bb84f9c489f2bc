package io.robustmq.mqtt.session;

import java.util.ArrayDeque;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a session is behind with, in order: references into logs, never messages. References to neighbours in one log take
 * one run together. Bounded by count and bytes of the messages referred to. Owned by the session's loop.
 */
public final class Backlog {
    private final ArrayDeque<Run> runs = new ArrayDeque<>(4);
    private final int countMax;
    private final long bytesMax;
    private final boolean dropsOldest;
    private int count;
    private long bytes;

    /**
     * Empty.
     *
     * @param dropsOldest when full, the oldest reference makes room for a new one, instead of the new one being dropped
     */
    public Backlog(int countMax, long bytesMax, boolean dropsOldest) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
        this.dropsOldest = dropsOldest;
    }

    /** Gets a reference for which there is no room. */
    @FunctionalInterface
    public interface Lost {
        /** {@code via} is what it came by. */
        void lost(PartitionLog log, long offset, @Nullable Object via);
    }

    /** Neighbouring references of one log and one share, {@code first} and {@code last} included. */
    public static final class Run {
        private final PartitionLog log;
        private final @Nullable Object via;
        private long first;
        private long last;
        private long bytes;

        Run(PartitionLog log, @Nullable Object via, long offset, int bytes) {
            this.log = log;
            this.via = via;
            this.first = offset;
            this.last = offset;
            this.bytes = bytes;
        }

        public PartitionLog log() {
            return log;
        }

        public @Nullable Object via() {
            return via;
        }

        public long first() {
            return first;
        }

        public long last() {
            return last;
        }
    }

    /**
     * Adds a reference. Where the limits are reached a message is dropped, this one or older ones: {@code lost} gets each, and the
     * caller counts it.
     */
    public void add(PartitionLog log, long offset, int messageBytes, @Nullable Object via, Lost lost) {
        while (dropsOldest && !runs.isEmpty() && !fits(messageBytes)) {
            Run oldest = runs.element();
            lost.lost(oldest.log, oldest.first, oldest.via);
            advance(oldest.first + 1);
        }
        if (!fits(messageBytes)) {
            lost.lost(log, offset, via);
            return;
        }
        count++;
        bytes += messageBytes;
        Run tail = runs.peekLast();
        if (tail != null && tail.log == log && tail.via == via && tail.last + 1 == offset) {
            tail.last = offset;
            tail.bytes += messageBytes;
        } else {
            runs.addLast(new Run(log, via, offset, messageBytes));
        }
    }

    private boolean fits(int messageBytes) {
        return count < countMax && bytes + messageBytes <= bytesMax;
    }

    /** Puts {@code other}, which is newer, behind this one, within the limits as {@link #add} does. */
    public void addAll(Backlog other, Lost lost) {
        for (Run run : other.runs) {
            int each = (int) (run.bytes / (run.last - run.first + 1));
            for (long offset = run.first; offset <= run.last; offset++) {
                add(run.log, offset, each, run.via, lost);
            }
        }
        other.clear();
    }

    public boolean isEmpty() {
        return runs.isEmpty();
    }

    public int count() {
        return count;
    }

    public long bytes() {
        return bytes;
    }

    /** The oldest run; there must be one. */
    public Run head() {
        return runs.element();
    }

    /** The first of the oldest run, and everything before {@code nextOffset} in that run, is dealt with. */
    public void advance(long nextOffset) {
        Run run = runs.element();
        if (nextOffset > run.last) {
            count -= (int) (run.last - run.first + 1);
            bytes -= run.bytes;
            runs.removeFirst();
        } else if (nextOffset > run.first) {
            long taken = nextOffset - run.first;
            long share = run.bytes / (run.last - run.first + 1) * taken;
            count -= (int) taken;
            bytes -= share;
            run.bytes -= share;
            run.first = nextOffset;
        }
    }

    /** The first offset of every run: with what is in flight, the lowest of a log is its position. */
    public void forEachRun(ObjLongConsumer<PartitionLog> visitor) {
        for (Run run : runs) {
            visitor.accept(run.log, run.first);
        }
    }

    /** As {@link #forEachRun}, of what did not come by a share. */
    public void forEachOwnRun(ObjLongConsumer<PartitionLog> visitor) {
        for (Run run : runs) {
            if (run.via == null) {
                visitor.accept(run.log, run.first);
            }
        }
    }

    /** Takes out what came by {@code share} and hands every reference over. */
    public void removeShare(Object share, ObjLongConsumer<PartitionLog> taker) {
        runs.removeIf(run -> {
            if (run.via != share) {
                return false;
            }
            for (long offset = run.first; offset <= run.last; offset++) {
                taker.accept(run.log, offset);
            }
            count -= (int) (run.last - run.first + 1);
            bytes -= run.bytes;
            return true;
        });
    }

    public void clear() {
        runs.clear();
        count = 0;
        bytes = 0;
    }
}
