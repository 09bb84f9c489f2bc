package io.robustmq.journal.shard;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.record.RecordBatch;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The producers that wrote to a shard lately. Owned by the shard loop. Changes made since the last {@link #commit} can be
 * taken back when the write they belong to fails. The least recently active producer goes when the table is full: a
 * producer that is not known may start at any sequence.
 */
public final class ProducerTable {
    public static final int VERSION = 1;

    private final int producersMax;
    private final Long2ObjectHashMap<ProducerEntry> entries = new Long2ObjectHashMap<>();
    private final List<ProducerEntry> touched = new ArrayList<>();
    private @Nullable ProducerEntry oldest;
    private @Nullable ProducerEntry newest;

    public ProducerTable(int producersMax) {
        this.producersMax = producersMax;
    }

    /** Whether the batch continues its producer's sequence; {@link BrokerError#NONE} for a duplicate too. */
    BrokerError check(RecordBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (entry == null || entry.epoch == RecordBatch.NO_PRODUCER_EPOCH) {
            return BrokerError.NONE;
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
        if (entry.batches == 0 || entry.slotOf(batch.baseSequence(), batch.lastSequence()) >= 0) {
            return BrokerError.NONE;
        }
        int expected = (entry.lastSequence() + 1) & Integer.MAX_VALUE;
        return batch.baseSequence() == expected ? BrokerError.NONE : BrokerError.OUT_OF_ORDER_SEQUENCE;
    }

    /** A verdict for a batch that was appended before, else null. */
    @Nullable
    Verdict duplicate(RecordBatch batch) {
        ProducerEntry entry = entries.get(batch.producerId());
        if (entry == null || entry.epoch != batch.producerEpoch() || batch.isControl()) {
            return null;
        }
        int slot = entry.slotOf(batch.baseSequence(), batch.lastSequence());
        return slot < 0
                ? null
                : new Verdict(BrokerError.NONE, "", true, entry.baseOffsets[slot], entry.lastOffsets[slot] + 1, -1);
    }

    /** Remembers a batch that has its offsets. Also the way the table is rebuilt from the log. */
    public void apply(RecordBatch batch) {
        if (!batch.hasProducerId()) {
            return;
        }
        ProducerEntry entry = touch(batch.producerId());
        if (batch.producerEpoch() > entry.epoch) {
            entry.startEpoch(batch.producerEpoch());
        }
        entry.lastTimestampMs = batch.maxTimestamp();
        if (batch.isControl()) {
            entry.transactionFirstOffset = ProducerEntry.NO_TRANSACTION;
            return;
        }
        if (batch.isTransactional() && entry.transactionFirstOffset == ProducerEntry.NO_TRANSACTION) {
            entry.transactionFirstOffset = batch.baseOffset();
        }
        entry.push(batch.baseSequence(), batch.lastSequence(), batch.baseOffset(), batch.lastOffset());
    }

    public void commit() {
        for (int i = 0; i < touched.size(); i++) {
            ProducerEntry entry = touched.get(i);
            entry.touched = false;
            entry.created = false;
        }
        touched.clear();
        while (entries.size() > producersMax && oldest != null) {
            entries.remove(oldest.producerId);
            unlink(oldest);
        }
    }

    void rollBack() {
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
            if (entry.lastTimestampMs < beforeMs && entry.transactionFirstOffset == ProducerEntry.NO_TRANSACTION) {
                entries.remove(entry.producerId);
                unlink(entry);
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
            ProducerEntry entry = touch(source.readLong());
            entry.epoch = source.readShort();
            entry.coordinatorEpoch = source.readInt();
            entry.lastTimestampMs = source.readLong();
            entry.transactionFirstOffset = source.readLong();
            int batches = source.readByte();
            for (int j = 0; j < batches; j++) {
                entry.push(source.readInt(), source.readInt(), source.readLong(), source.readLong());
            }
        }
        commit();
    }

    private ProducerEntry touch(long producerId) {
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
