package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.CommittedFilter;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.mqtt.session.PartitionLog;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads each committed batch of one partition once and gives it to its reader, leaving out control batches and what
 * transactions aborted. Owned by the router's loop.
 */
final class Tail {
    private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
    private static final int READ_BYTES = 1 << 18;
    private static final int READS_PER_TURN = 4;
    private static final int RETRY_MS = 100;
    private static final int BEGUN = -1;
    /** So often a record is given to a reader that fails at it; then it is passed over, and what is behind it read. */
    private static final int FAILURES_MAX = 5;

    private final PartitionLog log;
    private final Journal journal;
    private final Loop loop;
    private final Reader reader;
    private long position;
    /** The partition is wanted from where its leaders of later epochs began to write; BEGUN when the position says from where. */
    private int afterEpoch = BEGUN;
    /** What is visible ends here at least. */
    private long heardEnd;

    /** So far it had come before it went back. */
    private long reachedBefore;

    private Consumer<Tail> begun = tail -> {};
    /** Of the read that is under way everything before it was given to the reader. */
    private long reached;

    private int failures;
    private boolean running;
    private boolean woken;
    private boolean closed;
    private boolean paused;
    private CommittedFilter committed = new CommittedFilter(List.of());
    private Cancellable waiting = Cancellable.NOTHING;

    /** Takes what a tail reads. */
    interface Reader {
        /**
         * Takes {@code bytes}: whole batches, of which those are wanted that {@code tail} accepts. What it throws at is read again, from
         * what it did not say that it {@link Tail#passed passed}.
         */
        void read(Tail tail, ByteBuf bytes);
    }

    Tail(PartitionLog log, long position, Journal journal, Loop loop, Reader reader) {
        this.log = log;
        this.position = position;
        this.journal = journal;
        this.loop = loop;
        this.reader = reader;
    }

    /** Begins with what is written by leaders of later epochs: nobody leads in this one. {@code whenBegun} is told. */
    Tail from(int epoch, Consumer<Tail> whenBegun) {
        afterEpoch = epoch;
        begun = whenBegun;
        return this;
    }

    /** Whether it is known where it begins. */
    boolean hasBegun() {
        return afterEpoch == BEGUN;
    }

    PartitionLog log() {
        return log;
    }

    /** Everything before it was given to the reader. */
    long position() {
        return position;
    }

    /** The end of what is visible now; the position when that is not known. */
    long visibleEnd() {
        PartitionState state = journal.state(log.partition());
        long known = Math.max(reachedBefore(), heardEnd);
        return state == null ? known : Math.max(known, state.visibleEnd(Isolation.READ_COMMITTED));
    }

    /** What is visible has come so far elsewhere. */
    void heard(long end) {
        heardEnd = Math.max(heardEnd, end);
    }

    void close() {
        closed = true;
        waiting.cancel();
    }

    /** Reads what there is, then waits for more. A wake-up inside a read is remembered, never nested. */
    void run() {
        if (running) {
            woken = true;
            return;
        }
        if (!hasBegun()) {
            findBegin();
            return;
        }
        running = true;
        try {
            for (int reads = 0; !closed && !paused; reads++) {
                if (reads == READS_PER_TURN) {
                    loop.execute(this::run);
                    return;
                }
                woken = false;
                if (!readOnce()) {
                    waiting = journal.onAdvance(log.partition(), position, Isolation.READ_COMMITTED, loop, this::run);
                    if (!woken) {
                        return;
                    }
                }
            }
        } finally {
            running = false;
        }
    }

    /** Goes back to {@code offset}; who had come further is fenced off up to {@link #reachedBefore}. */
    void readAgain(long offset) {
        if (hasBegun() && offset < position) {
            reachedBefore = Math.max(reachedBefore, position);
            position = offset;
            paused = false;
            waiting.cancel();
            loop.execute(this::run);
        }
    }

    /** The position, or where it was before it went back. */
    long reachedBefore() {
        return Math.max(position, reachedBefore);
    }

    /** Begins here, whatever it was to wait for: somebody has come no further. */
    void beginAt(long offset) {
        if (!hasBegun()) {
            waiting.cancel();
            begin(offset);
        }
    }

    private void findBegin() {
        if (closed || paused) {
            return;
        }
        paused = true;
        journal.leaderState(log.partition(), loop, state -> {
            if (hasBegun()) {
                return;
            }
            if (state == null || !state.leader()) {
                retryLater();
                return;
            }
            journal.endOfEpoch(log.partition(), afterEpoch, loop, end -> {
                if (hasBegun()) {
                    return;
                }
                // Without any earlier epoch in it the log is all new, if it is still the same leader's.
                boolean allNew = end.endOffset() < 0 && state.logEndOffset() == 0;
                if (end.endOffset() < 0 && !allNew) {
                    retryLater();
                } else {
                    begin(Math.max(0, end.endOffset()));
                }
            });
        });
    }

    private void begin(long at) {
        LOG.info("shard={} position={} action=begin", log, at);
        position = at;
        afterEpoch = BEGUN;
        paused = false;
        begun.accept(this);
        run();
    }

    /** False when there is nothing more now. */
    private boolean readOnce() {
        reached = position;
        try {
            boolean isMore = readNow();
            failures = 0;
            return isMore;
        } catch (RuntimeException | Error e) {
            failed(e);
            return true;
        }
    }

    private void failed(Throwable cause) {
        failures = reached > position ? 1 : failures + 1;
        position = Math.max(position, reached);
        boolean isGivenUp = failures >= FAILURES_MAX;
        LOG.error("shard={} position={} action={}", log, position, isGivenUp ? "pass over" : "read again", cause);
        if (isGivenUp) {
            failures = 0;
            position++;
        }
        retryLater();
    }

    private boolean readNow() {
        ReadResult result = journal.read(log.partition(), position, READ_BYTES, true, Isolation.READ_COMMITTED);
        if (result.error() == BrokerError.OFFSET_OUT_OF_RANGE) {
            return recover(result);
        }
        if (result.error() != BrokerError.NONE) {
            LOG.debug("shard={} position={} not readable now: {}", log, position, result.error());
            retryLater();
            return true;
        }
        LogSlice slice = result.slice();
        if (slice == null) {
            return false;
        }
        try (slice) {
            deliver(slice.toBuffer(), result.abortedTransactions());
            return true;
        } catch (IOException e) {
            LOG.warn("shard={} position={} read failed: {}", log, position, e.toString());
            retryLater();
            return true;
        }
    }

    private boolean recover(ReadResult result) {
        long start = Math.max(0, result.logStartOffset());
        if (start == position) {
            return false;
        }
        LOG.info("shard={} position={}→{} reason=out of range", log, position, start);
        position = start;
        return true;
    }

    private void retryLater() {
        paused = true;
        waiting = loop.schedule(RETRY_MS, () -> {
            paused = false;
            run();
        });
    }

    private void deliver(ByteBuf bytes, List<AbortedTransaction> abortedTransactions) {
        committed = new CommittedFilter(abortedTransactions);
        long[] next = {position};
        RecordReader.forEachBatch(bytes, batch -> {
            next[0] = batch.nextOffset();
            return true;
        });
        reader.read(this, bytes);
        position = Math.max(position, next[0]);
    }

    /** By the reader: it need not see the record again. */
    void passed(long offset) {
        reached = offset + 1;
    }

    /** Whether readers see the batch; asked once per batch of a read, in order. */
    boolean accepts(RecordBatch batch) {
        return committed.accepts(batch);
    }
}
