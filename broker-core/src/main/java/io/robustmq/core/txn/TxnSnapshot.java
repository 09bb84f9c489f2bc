package io.robustmq.core.txn;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A transactional id as it is logged. Immutable.
 *
 * @param previousProducerId the one before, when the epochs of that ran out; else -1
 * @param nextProducerId the one that follows when the transaction is complete; else -1
 * @param producerEpoch of the producer that may write now
 * @param lastProducerEpoch the one before, when its producer may ask again for what it was given; else -1
 * @param startMs when the transaction began; -1 before the first
 * @param bumpsEpoch the transaction has an epoch of its own, by the client's protocol (KIP-890) or because it was fenced
 */
public record TxnSnapshot(
        long producerId,
        long previousProducerId,
        long nextProducerId,
        short producerEpoch,
        short lastProducerEpoch,
        int timeoutMs,
        TxnState state,
        Set<TxnPartition> partitions,
        long lastUpdateMs,
        long startMs,
        boolean bumpsEpoch) {
    public static final long NO_ID = -1;
    static final short NO_EPOCH = -1;
    /** The last epoch that a producer is given; one more is left to fence it. */
    static final short EPOCH_MAX = Short.MAX_VALUE - 1;

    public TxnSnapshot {
        partitions = Set.copyOf(partitions);
    }

    static TxnSnapshot of(long producerId, int timeoutMs, long nowMs) {
        return new TxnSnapshot(
                producerId, NO_ID, NO_ID, (short) 0, NO_EPOCH, timeoutMs, TxnState.EMPTY, Set.of(), nowMs, -1, false);
    }

    boolean isExhausted() {
        return producerEpoch >= EPOCH_MAX;
    }

    /** The producer id that is given already, and is the present one when the transaction is complete. */
    boolean willBe(TxnCommand.Producer producer) {
        return nextProducerId != NO_ID && nextProducerId == producer.id() && producer.epoch() == 0;
    }

    /** The same producer id for a new start of the producer. */
    TxnSnapshot restarted(short epoch, short lastEpoch, int newTimeoutMs, long nowMs) {
        return new TxnSnapshot(
                producerId,
                previousProducerId,
                NO_ID,
                epoch,
                lastEpoch,
                newTimeoutMs,
                TxnState.EMPTY,
                Set.of(),
                nowMs,
                -1,
                bumpsEpoch);
    }

    /** Another producer id for a new start of the producer. */
    TxnSnapshot rotated(long freshProducerId, short lastEpoch, int newTimeoutMs, long nowMs) {
        return new TxnSnapshot(
                freshProducerId,
                producerId,
                NO_ID,
                (short) 0,
                lastEpoch,
                newTimeoutMs,
                TxnState.EMPTY,
                Set.of(),
                nowMs,
                -1,
                bumpsEpoch);
    }

    TxnSnapshot including(Set<TxnPartition> more, boolean newBumpsEpoch, long nowMs) {
        boolean begins = state != TxnState.ONGOING;
        Set<TxnPartition> all = new LinkedHashSet<>(begins ? Set.of() : partitions);
        all.addAll(more);
        return new TxnSnapshot(
                producerId,
                previousProducerId,
                NO_ID,
                producerEpoch,
                lastProducerEpoch,
                timeoutMs,
                TxnState.ONGOING,
                all,
                nowMs,
                begins ? nowMs : startMs,
                newBumpsEpoch);
    }

    /** Decided; {@code epoch} is what the markers carry, and is the present one only in the first protocol. */
    TxnSnapshot prepared(boolean commits, short epoch, short lastEpoch, long nextId, long nowMs) {
        return new TxnSnapshot(
                producerId,
                previousProducerId,
                nextId,
                epoch,
                lastEpoch,
                timeoutMs,
                commits ? TxnState.PREPARE_COMMIT : TxnState.PREPARE_ABORT,
                partitions,
                nowMs,
                startMs < 0 ? nowMs : startMs,
                epoch != producerEpoch);
    }

    /** Every partition has its marker. */
    TxnSnapshot completed(long nowMs) {
        boolean rotates = nextProducerId != NO_ID;
        return new TxnSnapshot(
                rotates ? nextProducerId : producerId,
                rotates ? producerId : previousProducerId,
                NO_ID,
                rotates ? 0 : producerEpoch,
                lastProducerEpoch,
                timeoutMs,
                state == TxnState.PREPARE_COMMIT ? TxnState.COMPLETE_COMMIT : TxnState.COMPLETE_ABORT,
                Set.of(),
                nowMs,
                startMs,
                bumpsEpoch);
    }
}
