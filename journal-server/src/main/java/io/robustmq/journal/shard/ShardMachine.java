package io.robustmq.journal.shard;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.TransactionMarker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a shard's leader accepts and when it is committed. Owned by the shard loop; no I/O, no clock.
 *
 * <pre>
 *   onAppend* ──► onWritten ──► onDurable(end) : high watermark = end
 *        └──────► onWriteFailed : as before the first onAppend since the last write
 * </pre>
 *
 * Appends are accepted ahead of the write, so that one write carries all of a loop's turn.
 */
public final class ShardMachine {
    private final ProducerTable producers;
    private final int decompressedBytesMax;
    private final List<AbortedRange> aborted = new ArrayList<>();
    private TopicSettings settings;
    private boolean leader;
    private int leaderEpoch = -1;
    private int inSyncReplicas;
    private int minInSyncReplicas = 1;
    private long nextOffset;
    private long writtenOffset;
    private long highWatermark;

    /** @param endOffset where the recovered log ends; all of it is durable */
    public ShardMachine(ProducerTable producers, TopicSettings settings, long endOffset, int decompressedBytesMax) {
        this(producers, settings, endOffset, endOffset, decompressedBytesMax);
    }

    /** @param highWatermark what of the recovered log is known to be committed */
    public ShardMachine(
            ProducerTable producers,
            TopicSettings settings,
            long endOffset,
            long highWatermark,
            int decompressedBytesMax) {
        this.producers = producers;
        this.settings = settings;
        this.nextOffset = endOffset;
        this.writtenOffset = endOffset;
        this.highWatermark = highWatermark;
        this.decompressedBytesMax = decompressedBytesMax;
    }

    /**
     * The image says that this node leads.
     *
     * @param isrSize counts this node
     * @param minIsrSize how many must be in sync for {@code acks=all}
     */
    public void lead(int epoch, int isrSize, int minIsrSize) {
        leader = true;
        leaderEpoch = Math.max(leaderEpoch, epoch);
        inSyncReplicas = isrSize;
        minInSyncReplicas = minIsrSize;
    }

    public void follow(int epoch) {
        leader = false;
        leaderEpoch = Math.max(leaderEpoch, epoch);
    }

    public void settings(TopicSettings newSettings) {
        settings = newSettings;
    }

    /** Borrows {@code batches} and, when it accepts them as new, patches offsets, epoch and append time into them. */
    public Verdict onAppend(ByteBuf batches, AppendOptions options, long nowMs) {
        Verdict form = check(batches, options, nowMs);
        return form.accepted() ? onReferences(batches, options, nowMs) : form;
    }

    /** Whether the batches are such that they could be appended now. Borrows them, and changes nothing. */
    public Verdict check(ByteBuf batches, AppendOptions options, long nowMs) {
        BrokerError standing = standing(options);
        return standing == BrokerError.NONE
                ? BatchValidator.validate(batches, settings, options.origin(), nowMs, decompressedBytesMax)
                : Verdict.refused(standing);
    }

    /** As {@link #onAppend}, of batches that were {@link #check}ed before they were stored elsewhere. */
    public Verdict onReferences(ByteBuf batches, AppendOptions options, long nowMs) {
        BrokerError standing = standing(options);
        if (standing != BrokerError.NONE) {
            return Verdict.refused(standing);
        }
        Verdict sequence = checkProducer(new RecordBatch(batches, batches.readerIndex()), options);
        return sequence == null ? assign(batches, options.origin(), nowMs) : sequence;
    }

    /** What is wrong with batches of the leader's log, which continue this one; empty if nothing is. Borrows them. */
    public String checkReplicated(ByteBuf batches) {
        return BatchValidator.replicated(batches, nextOffset);
    }

    /** Borrows batches that were {@link #checkReplicated checked}, and takes them. */
    public void onReplicated(ByteBuf batches) {
        int at = batches.readerIndex();
        while (at < batches.writerIndex()) {
            RecordBatch batch = new RecordBatch(batches, at);
            if (batch.isControl() && batch.count() == 0) {
                producers.applyEmptiedMarker(batch);
            } else {
                remember(batch, Origin.EPOCH_COORDINATOR);
            }
            nextOffset = batch.nextOffset();
            at = batch.end();
        }
    }

    /** Everything accepted so far is in the log; the transactions that it aborted. */
    public List<AbortedRange> onWritten() {
        writtenOffset = nextOffset;
        producers.commit();
        if (aborted.isEmpty()) {
            return List.of();
        }
        List<AbortedRange> written = List.copyOf(aborted);
        aborted.clear();
        return written;
    }

    /** Nothing accepted since the last write is in the log. */
    public void onWriteFailed() {
        nextOffset = writtenOffset;
        producers.rollBack(writtenOffset);
        aborted.clear();
    }

    /** The log is as durable as its policy asks, up to {@code endOffset}; whether readers see more now. */
    public boolean onDurable(long endOffset) {
        assert endOffset <= writtenOffset : endOffset + " durable, " + writtenOffset + " written";
        if (endOffset <= highWatermark) {
            return false;
        }
        highWatermark = endOffset;
        producers.settle(endOffset);
        return true;
    }

    public boolean leader() {
        return leader;
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    public long highWatermark() {
        return highWatermark;
    }

    /** Where the oldest transaction begins whose outcome is open, or not durable; at most the high watermark. */
    public long lastStableOffset() {
        return producers.stableBelow(highWatermark);
    }

    /** After what is accepted, though it may not be written yet. */
    public long acceptedOffset() {
        return nextOffset;
    }

    /** After what is written. */
    public long endOffset() {
        return writtenOffset;
    }

    private BrokerError standing(AppendOptions options) {
        if (!leader) {
            return BrokerError.NOT_LEADER;
        }
        if (options.leaderEpoch() != AppendOptions.ANY_EPOCH && options.leaderEpoch() != leaderEpoch) {
            return options.leaderEpoch() < leaderEpoch
                    ? BrokerError.FENCED_LEADER_EPOCH
                    : BrokerError.UNKNOWN_LEADER_EPOCH;
        }
        return options.acks() == Acks.ALL && !hasEnoughInSync() ? BrokerError.NOT_ENOUGH_REPLICAS : BrokerError.NONE;
    }

    /** Whether as many replicas are in sync as the topic wants for {@code acks=all}. */
    public boolean hasEnoughInSync() {
        return inSyncReplicas >= minInSyncReplicas;
    }

    /** Null for a batch that may be appended. A retry is recognised before it is asked which transaction it belongs to. */
    private @Nullable Verdict checkProducer(RecordBatch batch, AppendOptions options) {
        if (!batch.hasProducerId()) {
            return null;
        }
        BrokerError error = producers.check(batch, options.origin());
        if (error == BrokerError.INVALID_PRODUCER_EPOCH) {
            return Verdict.refused(error);
        }
        if (batch.isControl()) {
            return checkMarker(batch, options.origin());
        }
        Verdict duplicate = producers.duplicate(batch);
        if (duplicate != null) {
            return duplicate;
        }
        BrokerError transaction = producers.checkTransaction(batch, options.verifiedAt());
        if (transaction != BrokerError.NONE) {
            return Verdict.refused(transaction);
        }
        return error == BrokerError.NONE ? null : Verdict.refused(error);
    }

    private @Nullable Verdict checkMarker(RecordBatch batch, Origin origin) {
        if (origin == Origin.EPOCH_COORDINATOR && producers.isPresentEpoch(batch)) {
            return Verdict.refused(BrokerError.INVALID_PRODUCER_EPOCH);
        }
        if (origin == Origin.NODE && producers.isInTransaction(batch)) {
            return Verdict.refused(BrokerError.INVALID_TXN_STATE);
        }
        return producers.isFenced(batch, TransactionMarker.of(batch))
                ? Verdict.refused(BrokerError.TRANSACTION_COORDINATOR_FENCED)
                : null;
    }

    private Verdict assign(ByteBuf batches, Origin origin, long nowMs) {
        long base = nextOffset;
        boolean stamps = settings.stampsAppendTime() && origin.isClient();
        int at = batches.readerIndex();
        while (at < batches.writerIndex()) {
            RecordBatch batch = new RecordBatch(batches, at);
            batch.assign(nextOffset, leaderEpoch);
            if (stamps) {
                batch.stampAppendTime(nowMs);
            }
            remember(batch, origin);
            nextOffset = batch.nextOffset();
            at = batch.end();
        }
        return new Verdict(BrokerError.NONE, "", false, base, nextOffset, stamps ? nowMs : -1);
    }

    private void remember(RecordBatch batch, Origin origin) {
        if (batch.isControl() && batch.hasProducerId()) {
            boolean endsEpoch = origin == Origin.EPOCH_COORDINATOR || origin == Origin.NODE;
            AbortedRange range = producers.apply(batch, TransactionMarker.of(batch), endsEpoch);
            if (range != null) {
                aborted.add(range);
            }
        } else {
            producers.apply(batch);
        }
    }
}
