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
    private int count;
    private long bytes;

    public Backlog(int countMax, long bytesMax) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
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

    /** False when the limits are reached: the message is dropped, and the caller counts it. */
    public boolean add(PartitionLog log, long offset, int messageBytes, @Nullable Object via) {
        if (count >= countMax || bytes + messageBytes > bytesMax) {
            return false;
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
        return true;
    }

    /** Puts {@code other}, which is newer, behind this one. Runs over the limit are left out; returns how many messages. */
    public int addAll(Backlog other) {
        int dropped = 0;
        for (Run run : other.runs) {
            int messages = (int) (run.last - run.first + 1);
            if (count + messages > countMax) {
                dropped += messages;
            } else {
                count += messages;
                bytes += run.bytes;
                runs.addLast(run);
            }
        }
        other.clear();
        return dropped;
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
