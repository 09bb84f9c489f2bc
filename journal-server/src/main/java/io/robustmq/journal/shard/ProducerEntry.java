package io.robustmq.journal.shard;

import io.robustmq.core.port.ProducerState;
import io.robustmq.core.record.RecordBatch;
import org.jspecify.annotations.Nullable;

/** What is remembered of one producer: its epoch and its last batches. Owned by its {@link ProducerTable}. */
final class ProducerEntry {
    /** As many as a client may have in flight. */
    static final int WINDOW = 5;

    static final long NO_TRANSACTION = -1;

    /** Before and after can be told apart in half of the sequences that there are. */
    private static final int KNOWN_MAX = 1 << 30;

    final long producerId;
    final int[] firstSequences = new int[WINDOW];
    final int[] lastSequences = new int[WINDOW];
    final long[] baseOffsets = new long[WINDOW];
    final long[] lastOffsets = new long[WINDOW];
    short epoch = RecordBatch.NO_PRODUCER_EPOCH;
    int batches;
    int newest = -1;
    /** So many sequences, up to the last, are in the log without a gap. */
    int known;

    long lastTimestampMs = -1;
    int coordinatorEpoch = -1;
    long transactionFirstOffset = NO_TRANSACTION;
    /** Of those in this process's life that left the epoch as it was; -1 when there was none. */
    long lastMarkerOffset = -1;

    @Nullable
    ProducerEntry older;

    @Nullable
    ProducerEntry newer;

    /** Set between a savepoint and its end. */
    boolean touched;

    boolean created;

    private @Nullable ProducerEntry saved;

    ProducerEntry(long producerId) {
        this.producerId = producerId;
    }

    boolean inTransaction() {
        return transactionFirstOffset != NO_TRANSACTION;
    }

    int lastSequence() {
        return batches == 0 ? RecordBatch.NO_SEQUENCE : lastSequences[newest];
    }

    /** The slot of the batch with exactly these sequences, or -1. */
    int slotOf(int firstSequence, int lastSequence) {
        for (int i = 0; i < batches; i++) {
            int slot = Math.floorMod(newest - i, WINDOW);
            if (firstSequences[slot] == firstSequence && lastSequences[slot] == lastSequence) {
                return slot;
            }
        }
        return -1;
    }

    /** Whether all of the batch is known to be in the log, before what is remembered. */
    boolean isBeforeRemembered(int firstSequence, int lastSequence) {
        if (batches == 0) {
            return false;
        }
        int fromFirst = distance(firstSequence, lastSequence());
        int fromLast = distance(lastSequence, lastSequence());
        return fromFirst < known
                && fromLast <= fromFirst
                && fromLast > distance(firstSequences[oldest()], lastSequence());
    }

    /** What is before the remembered batches is below it. */
    long rememberedFromOffset() {
        return baseOffsets[oldest()];
    }

    private int oldest() {
        return Math.floorMod(newest - batches + 1, WINDOW);
    }

    /** Sequences begin at 0 again after the highest. */
    private static int distance(int from, int to) {
        return (to - from) & Integer.MAX_VALUE;
    }

    void push(int firstSequence, int lastSequence, long baseOffset, long lastOffset) {
        // What is not there may have been compacted, or never have been: the table had forgotten its producer.
        int before = batches > 0 && distance(lastSequence(), firstSequence) == 1 ? known : 0;
        known = (int) Math.min(before + distance(firstSequence, lastSequence) + 1L, KNOWN_MAX);
        newest = (newest + 1) % WINDOW;
        batches = Math.min(batches + 1, WINDOW);
        firstSequences[newest] = firstSequence;
        lastSequences[newest] = lastSequence;
        baseOffsets[newest] = baseOffset;
        lastOffsets[newest] = lastOffset;
    }

    void startEpoch(short newEpoch) {
        epoch = newEpoch;
        batches = 0;
        newest = -1;
        known = 0;
    }

    void save() {
        if (saved == null) {
            saved = new ProducerEntry(producerId);
        }
        saved.copyFrom(this);
    }

    void restore() {
        if (saved != null) {
            copyFrom(saved);
        }
    }

    ProducerState toState() {
        return new ProducerState(
                producerId, epoch, lastSequence(), lastTimestampMs, coordinatorEpoch, transactionFirstOffset);
    }

    private void copyFrom(ProducerEntry other) {
        System.arraycopy(other.firstSequences, 0, firstSequences, 0, WINDOW);
        System.arraycopy(other.lastSequences, 0, lastSequences, 0, WINDOW);
        System.arraycopy(other.baseOffsets, 0, baseOffsets, 0, WINDOW);
        System.arraycopy(other.lastOffsets, 0, lastOffsets, 0, WINDOW);
        epoch = other.epoch;
        batches = other.batches;
        newest = other.newest;
        known = other.known;
        lastTimestampMs = other.lastTimestampMs;
        coordinatorEpoch = other.coordinatorEpoch;
        transactionFirstOffset = other.transactionFirstOffset;
        lastMarkerOffset = other.lastMarkerOffset;
    }
}
