package io.robustmq.journal.shard;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.TransactionMarker;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The producers that wrote to a shard lately. Owned by the shard loop. Changes made since the last {@link #commit} can be
 * taken back when the write they belong to fails. The least recently active producer without an open transaction goes when
 * the table is full: a producer that is not known may start at any sequence, unless it is a node's own.
 */
public final class ProducerTable {
    public static final int VERSION = 1;

    private final int producersMax;
    private final Long2ObjectHashMap<ProducerEntry> entries = new Long2ObjectHashMap<>();
    private final List<ProducerEntry> touched = new ArrayList<>();
    private final OpenTransactions transactions = new OpenTransactions();
    /** The newest marker of any producer that is not in the table any more. */
    private long forgottenMarkerOffset = -1;

    private @Nullable ProducerEntry oldest;
    private @Nullable ProducerEntry newest;

    public ProducerTable(int producersMax) {
        this.producersMax = producersMax;
    }

    /** Whether the batch continues its producer's sequence; {@link BrokerError#NONE} for a duplicate too. */
    BrokerError check(RecordBatch batch, Origin origin) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (entry == null || entry.epoch == RecordBatch.NO_PRODUCER_EPOCH) {
            return origin == Origin.NODE && !batch.isControl() && batch.baseSequence() != 0
                    ? BrokerError.OUT_OF_ORDER_SEQUENCE
                    : BrokerError.NONE;
        }
        if (batch.producerEpoch() < entry.epoch) {
            return BrokerError.INVALID_PRODUCER_EPOCH;
        }
        if (batch.isControl()) {
            return BrokerError.NONE;
        }
        if (batch.producerEpoch() > entry.epoch) {
            return batch.baseSequence() == 0 ? BrokerError.NONE : BrokerError.OUT_OF_ORDER_SEQUENCE;
        }
        if (entry.slotOf(batch.baseSequence(), batch.lastSequence()) >= 0) {
            return BrokerError.NONE;
        }
        // An epoch that a marker began has no batches yet and starts at 0.
        int expected = (entry.lastSequence() + 1) & Integer.MAX_VALUE;
        return batch.baseSequence() == expected ? BrokerError.NONE : BrokerError.OUT_OF_ORDER_SEQUENCE;
    }

    /** Whether the batch, which is not a control batch, fits its producer's transaction here. */
    BrokerError checkTransaction(RecordBatch batch, long verifiedAt) {
        ProducerEntry entry = entries.get(batch.producerId());
        boolean open = entry != null && entry.inTransaction();
        if (!batch.isTransactional()) {
            return open ? BrokerError.INVALID_TXN_STATE : BrokerError.NONE;
        }
        if (open && entry.epoch == batch.producerEpoch()) {
            return BrokerError.NONE;
        }
        if (verifiedAt == AppendOptions.NOT_VERIFIED) {
            return BrokerError.TRANSACTION_NOT_VERIFIED;
        }
        if (open) {
            // The coordinator has had the older transaction's marker written: to the log of whoever leads now.
            return BrokerError.NOT_LEADER;
        }
        long lastMarkerOffset = entry == null ? forgottenMarkerOffset : entry.lastMarkerOffset;
        return lastMarkerOffset >= verifiedAt ? BrokerError.INVALID_TXN_STATE : BrokerError.NONE;
    }

    boolean isInTransaction(RecordBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        return entry != null && entry.inTransaction();
    }

    boolean isPresentEpoch(RecordBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        return entry != null && entry.epoch == batch.producerEpoch();
    }

    /** Whether a newer coordinator wrote a marker for the producer before. */
    boolean isFenced(RecordBatch batch, TransactionMarker marker) {
        ProducerEntry entry = entries.get(batch.producerId());
        return entry != null && marker.coordinatorEpoch() < entry.coordinatorEpoch;
    }

    /**
     * A verdict for a batch that was appended before, else null. Older than what is remembered is a batch that a client still
     * waits for when the last leader answers it late: meanwhile others were sent to this one (a client bounds what is in
     * flight by connection).
     */
    @Nullable
    Verdict duplicate(RecordBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (entry == null || entry.epoch != batch.producerEpoch() || batch.isControl()) {
            return null;
        }
        int slot = entry.slotOf(batch.baseSequence(), batch.lastSequence());
        if (slot >= 0) {
            return Verdict.duplicate(entry.baseOffsets[slot], entry.lastOffsets[slot] + 1);
        }
        return entry.isBeforeRemembered(batch.baseSequence(), batch.lastSequence())
                ? Verdict.duplicate(Verdict.FORGOTTEN_OFFSET, entry.rememberedFromOffset())
                : null;
    }

    /** Remembers a batch of records that has its offsets. Also the way the table is rebuilt from the log. */
    public void apply(RecordBatch batch) {
        if (!batch.hasProducerId() || batch.isControl()) {
            return;
        }
        ProducerEntry entry = touch(batch);
        // A batch that compaction emptied belongs to a transaction that is decided.
        if (batch.isTransactional() && !entry.inTransaction() && batch.count() > 0) {
            entry.transactionFirstOffset = batch.baseOffset();
            transactions.begin(batch.baseOffset());
        }
        entry.push(batch.baseSequence(), batch.lastSequence(), batch.baseOffset(), batch.lastOffset());
    }

    /** Replays a marker that lost its record to compaction, which it does when nothing of its transaction is left. */
    public void applyEmptiedMarker(RecordBatch batch) {
        if (batch.hasProducerId()) {
            apply(batch, new TransactionMarker(true, -1), true);
        }
    }

    /** Replays a marker. Returns the transaction it aborted, if it did. */
    public @Nullable AbortedRange apply(RecordBatch batch, TransactionMarker marker) {
        return apply(batch, marker, true);
    }

    /**
     * Remembers a marker that has its offset. Returns the transaction it aborted, if it did.
     *
     * @param endsEpoch what has the marker's epoch belongs to the next transaction; if not, a batch of this epoch may have
     *     been verified before
     */
    @Nullable
    AbortedRange apply(RecordBatch batch, TransactionMarker marker, boolean endsEpoch) {
        ProducerEntry entry = touch(batch);
        entry.coordinatorEpoch = Math.max(entry.coordinatorEpoch, marker.coordinatorEpoch());
        if (!endsEpoch) {
            entry.lastMarkerOffset = batch.baseOffset();
        }
        if (!entry.inTransaction()) {
            return null;
        }
        long first = entry.transactionFirstOffset;
        entry.transactionFirstOffset = ProducerEntry.NO_TRANSACTION;
        transactions.end(first, batch.baseOffset());
        return marker.commits()
                ? null
                : new AbortedRange(
                        batch.producerId(),
                        first,
                        batch.lastOffset(),
                        transactions.oldestUndecided(batch.nextOffset()));
    }

    /** Markers below {@code highWatermark} are durable. */
    public void settle(long highWatermark) {
        transactions.settle(highWatermark);
    }

    /** No transaction whose outcome readers do not know begins below it. */
    long stableBelow(long highWatermark) {
        return transactions.stableBelow(highWatermark);
    }

    public void commit() {
        for (int i = 0; i < touched.size(); i++) {
            ProducerEntry entry = touched.get(i);
            entry.touched = false;
            entry.created = false;
        }
        touched.clear();
        ProducerEntry entry = oldest;
        while (entries.size() > producersMax && entry != null) {
            ProducerEntry next = entry.newer;
            if (!entry.inTransaction()) {
                forget(entry);
            }
            entry = next;
        }
    }

    /** @param endOffset where the log ends after all */
    void rollBack(long endOffset) {
        transactions.truncateTo(endOffset);
        for (int i = 0; i < touched.size(); i++) {
            ProducerEntry entry = touched.get(i);
            entry.touched = false;
            if (entry.created) {
                entries.remove(entry.producerId);
                unlink(entry);
            } else {
                entry.restore();
            }
        }
        touched.clear();
    }

    /** Forgets producers that wrote nothing since {@code beforeMs} and have no open transaction. */
    public void expire(long beforeMs) {
        ProducerEntry entry = oldest;
        while (entry != null) {
            ProducerEntry next = entry.newer;
            if (entry.lastTimestampMs < beforeMs && !entry.inTransaction()) {
                forget(entry);
            }
            entry = next;
        }
    }

    public int size() {
        return entries.size();
    }

    public List<ProducerState> states() {
        List<ProducerState> states = new ArrayList<>(entries.size());
        for (ProducerEntry entry = oldest; entry != null; entry = entry.newer) {
            states.add(entry.toState());
        }
        return states;
    }

    /** By producer id, the last offset of its newest batch, or {@code noData} when it has none; {@code missing} for others. */
    public Long2LongHashMap lastOffsets(long missing, long noData) {
        Long2LongHashMap last = new Long2LongHashMap(missing);
        for (ProducerEntry entry = oldest; entry != null; entry = entry.newer) {
            last.put(entry.producerId, entry.batches == 0 ? noData : entry.lastOffsets[entry.newest]);
        }
        return last;
    }

    /** Appends the whole table to {@code target}. */
    public void write(ByteBuf target) {
        target.writeInt(entries.size());
        for (ProducerEntry entry = oldest; entry != null; entry = entry.newer) {
            target.writeLong(entry.producerId)
                    .writeShort(entry.epoch)
                    .writeInt(entry.coordinatorEpoch)
                    .writeLong(entry.lastTimestampMs)
                    .writeLong(entry.transactionFirstOffset)
                    .writeByte(entry.batches);
            for (int i = entry.batches - 1; i >= 0; i--) {
                int slot = Math.floorMod(entry.newest - i, ProducerEntry.WINDOW);
                target.writeInt(entry.firstSequences[slot])
                        .writeInt(entry.lastSequences[slot])
                        .writeLong(entry.baseOffsets[slot])
                        .writeLong(entry.lastOffsets[slot]);
            }
        }
    }

    /** Reads what {@link #write} wrote; the table must be empty. */
    public void read(ByteBuf source) {
        int count = source.readInt();
        for (int i = 0; i < count; i++) {
            ProducerEntry entry = touched(source.readLong());
            entry.epoch = source.readShort();
            entry.coordinatorEpoch = source.readInt();
            entry.lastTimestampMs = source.readLong();
            entry.transactionFirstOffset = source.readLong();
            if (entry.inTransaction()) {
                transactions.begin(entry.transactionFirstOffset);
            }
            int batches = source.readByte();
            for (int j = 0; j < batches; j++) {
                entry.push(source.readInt(), source.readInt(), source.readLong(), source.readLong());
            }
        }
        commit();
    }

    private ProducerEntry touch(RecordBatch batch) {
        ProducerEntry entry = touched(batch.producerId());
        if (batch.producerEpoch() > entry.epoch) {
            entry.startEpoch(batch.producerEpoch());
        }
        entry.lastTimestampMs = batch.maxTimestamp();
        return entry;
    }

    private void forget(ProducerEntry entry) {
        entries.remove(entry.producerId);
        unlink(entry);
        forgottenMarkerOffset = Math.max(forgottenMarkerOffset, entry.lastMarkerOffset);
    }

    private ProducerEntry touched(long producerId) {
        ProducerEntry entry = entries.get(producerId);
        if (entry == null) {
            entry = new ProducerEntry(producerId);
            entry.created = true;
            entries.put(producerId, entry);
        } else {
            unlink(entry);
        }
        link(entry);
        if (!entry.touched) {
            entry.touched = true;
            touched.add(entry);
            if (!entry.created) {
                entry.save();
            }
        }
        return entry;
    }

    private void link(ProducerEntry entry) {
        entry.older = newest;
        if (newest == null) {
            oldest = entry;
        } else {
            newest.newer = entry;
        }
        newest = entry;
    }

    private void unlink(ProducerEntry entry) {
        if (entry.older == null) {
            oldest = entry.newer;
        } else {
            entry.older.newer = entry.newer;
        }
        if (entry.newer == null) {
            newest = entry.older;
        } else {
            entry.newer.older = entry.older;
        }
        entry.older = null;
        entry.newer = null;
    }
}
