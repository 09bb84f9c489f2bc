package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.txn.TxnCommand.EndTransaction;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnCommand.ReportMarker;
import io.robustmq.core.txn.TxnEffect.Resubmit;
import io.robustmq.core.txn.TxnEffect.TimedOut;
import io.robustmq.core.txn.TxnEffect.WriteMarkers;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How transactions end: the outcome is logged, the markers are written until every partition has one, and that is logged.
 * The outcome never changes once it is logged. Owned by the coordinator's loop.
 */
final class Endings {
    /** Beyond it clients are told to try again; a producer has one such request under way. */
    private static final int PARKED_MAX = 8;

    private static final long PARKED_MS = 2_000;

    /** A report of a marker may have been lost on its way back: longer than any write takes. */
    private static final long REPORT_MS = 15_000;

    private final TxnConfig config;
    private final TxnDeadlines deadlines;
    private int coordinatorEpoch;

    Endings(TxnConfig config, TxnDeadlines deadlines) {
        this.config = config;
        this.deadlines = deadlines;
    }

    void leads(int epoch) {
        coordinatorEpoch = epoch;
    }

    void end(@Nullable Txn txn, EndTransaction end, long nowMs, TxnDraft draft) {
        if (txn == null) {
            boolean named = !end.transactionalId().isEmpty();
            draft.refuse(end, named ? BrokerError.INVALID_PRODUCER_ID_MAPPING : BrokerError.INVALID_REQUEST);
            return;
        }
        boolean again = end.bumpsEpoch() && endedBefore(txn.saved, end.producer());
        BrokerError error = again && !isFenced(txn.saved, end) ? BrokerError.NONE : check(txn.saved, end.producer());
        if (error != BrokerError.NONE) {
            draft.refuse(end, error);
            return;
        }
        TxnSnapshot now = txn.saved;
        switch (now.state()) {
            case ONGOING -> {
                // What comes again here belongs to the transaction before this one.
                if (again) {
                    draft.refuse(end, BrokerError.PRODUCER_FENCED);
                } else {
                    decideOutcome(txn, end, nowMs, draft);
                }
            }
            case PREPARE_COMMIT, PREPARE_ABORT -> {
                // With the epoch that the end under way gave, it is of the transaction after it, to which nothing was
                // added.
                boolean ofTheNext = end.bumpsEpoch() && !again;
                if (ofTheNext && end.commits()) {
                    // Java's producer can send the commit before the records: it looks whether any are under way before
                    // it takes the lock under which the commit is asked for. Told to try again, it looks again.
                    draft.refuse(end, BrokerError.CONCURRENT_TRANSACTIONS);
                } else if (ofTheNext || end.commits() == (now.state() == TxnState.PREPARE_COMMIT)) {
                    park(txn, end, nowMs, draft);
                } else {
                    draft.refuse(end, BrokerError.INVALID_TXN_STATE);
                }
            }
            case COMPLETE_COMMIT, COMPLETE_ABORT -> endComplete(txn, end, again, nowMs, draft);
            case EMPTY -> {
                if (end.bumpsEpoch() && !end.commits() && !again) {
                    decideOutcome(txn, end, nowMs, draft);
                } else {
                    draft.refuse(end, again ? BrokerError.PRODUCER_FENCED : BrokerError.INVALID_TXN_STATE);
                }
            }
            case DEAD -> draft.refuse(end, BrokerError.INVALID_PRODUCER_ID_MAPPING);
        }
    }

    private void endComplete(Txn txn, EndTransaction end, boolean again, long nowMs, TxnDraft draft) {
        boolean sameOutcome = end.commits() == (txn.saved.state() == TxnState.COMPLETE_COMMIT);
        if (end.bumpsEpoch() && !again) {
            // Nothing was written since, so there is nothing to commit; aborting nothing is allowed (KIP-890).
            if (end.commits()) {
                draft.refuse(end, BrokerError.INVALID_TXN_STATE);
            } else {
                decideOutcome(txn, end, nowMs, draft);
            }
        } else if (sameOutcome && txn.saved.producerEpoch() <= TxnSnapshot.EPOCH_MAX) {
            draft.answer(end, new TxnReply.Producer(txn.saved.producerId(), txn.saved.producerEpoch()));
        } else {
            // The epoch that is left to fence with is nobody's.
            draft.refuse(end, sameOutcome ? BrokerError.PRODUCER_FENCED : BrokerError.INVALID_TXN_STATE);
        }
    }

    /** The producer's epoch is the one before that of a transaction that ended: it missed the answer. */
    private static boolean endedBefore(TxnSnapshot now, Producer producer) {
        if (now.producerId() == producer.id()) {
            return now.producerEpoch() == producer.epoch() + 1;
        }
        return now.previousProducerId() == producer.id()
                && producer.epoch() == TxnSnapshot.EPOCH_MAX
                && now.producerEpoch() == 0;
    }

    /**
     * It has the epoch before, as one has that missed an answer, but was never given the present one: its transaction was aborted without it.
     * That is good news to who wants to abort, and may go on; Apache Kafka 4.4 tells who wants to commit INVALID_TXN_STATE, by which Kafka
     * Streams ends, while it begins again when it is told that it is fenced, as Kafka has it for the first protocol.
     */
    private static boolean isFenced(TxnSnapshot now, EndTransaction end) {
        // A transaction of the first protocol leaves the epoch as it is: the present one was given to a producer that
        // started since.
        boolean isAnothers = !now.bumpsEpoch();
        return isAnothers
                || (end.commits() && now.lastProducerEpoch() != end.producer().epoch());
    }

    static BrokerError check(TxnSnapshot now, Producer producer) {
        if (now.willBe(producer)) {
            return BrokerError.NONE;
        }
        if (now.producerId() != producer.id()) {
            return BrokerError.INVALID_PRODUCER_ID_MAPPING;
        }
        return now.producerEpoch() == producer.epoch() ? BrokerError.NONE : BrokerError.PRODUCER_FENCED;
    }

    private void decideOutcome(Txn txn, EndTransaction end, long nowMs, TxnDraft draft) {
        TxnSnapshot now = txn.saved;
        if (!end.bumpsEpoch()) {
            prepare(
                    txn,
                    now.prepared(end.commits(), now.producerEpoch(), now.lastProducerEpoch(), TxnSnapshot.NO_ID, nowMs),
                    nowMs,
                    draft);
            draft.answer(end, new TxnReply.Producer(now.producerId(), now.producerEpoch()));
            return;
        }
        if (now.isExhausted() && end.freshProducerId() < 0) {
            draft.answer(end, new TxnReply.NeedsProducerId());
            return;
        }
        short next = (short) (now.producerEpoch() + 1);
        long nextId = now.isExhausted() ? end.freshProducerId() : TxnSnapshot.NO_ID;
        prepare(txn, now.prepared(end.commits(), next, now.producerEpoch(), nextId, nowMs), nowMs, draft);
        draft.answer(
                end,
                now.isExhausted()
                        ? new TxnReply.Producer(nextId, (short) 0)
                        : new TxnReply.Producer(now.producerId(), next));
    }

    /** Aborts for another reason than the producer's wish; whoever has the present epoch is fenced. */
    void fence(Txn txn, long nowMs, TxnDraft draft) {
        TxnSnapshot now = txn.saved;
        short next = (short) (now.producerEpoch() + 1);
        prepare(txn, now.prepared(false, next, TxnSnapshot.NO_EPOCH, TxnSnapshot.NO_ID, nowMs), nowMs, draft);
    }

    private void prepare(Txn txn, TxnSnapshot prepared, long nowMs, TxnDraft draft) {
        if (prepared.partitions().isEmpty()) {
            draft.log(txn, prepared.completed(nowMs));
            return;
        }
        draft.log(txn, prepared);
        txn.unmarked.clear();
        txn.unmarked.addAll(prepared.partitions());
        writeAllMarkers(txn, prepared, nowMs, draft);
    }

    private void writeAllMarkers(Txn txn, TxnSnapshot prepared, long nowMs, TxnDraft draft) {
        txn.unreportedAtMs = nowMs + REPORT_MS;
        writeMarkers(txn, prepared, txn.unmarked, draft);
    }

    private void writeMarkers(Txn txn, TxnSnapshot prepared, Set<TxnPartition> partitions, TxnDraft draft) {
        draft.perform(new WriteMarkers(
                txn.id,
                new Producer(prepared.producerId(), prepared.producerEpoch()),
                prepared.state() == TxnState.PREPARE_COMMIT,
                prepared.bumpsEpoch(),
                coordinatorEpoch,
                prepared.lastUpdateMs(),
                partitions));
        txn.failed.clear();
        txn.markersRetryAtMs = txn.unreportedAtMs;
    }

    /** The markers may or may not have been written: writing them again does no harm. */
    void resume(Txn txn, long nowMs, TxnDraft draft) {
        txn.unmarked.addAll(txn.saved.partitions());
        writeAllMarkers(txn, txn.saved, nowMs, draft);
        deadlines.want(txn);
    }

    void report(@Nullable Txn txn, ReportMarker report, long nowMs, TxnDraft draft) {
        if (txn == null
                || !txn.saved.state().isPrepared()
                || txn.saved.lastUpdateMs() != report.preparedMs()
                || !txn.markerProducer().equals(report.producer())) {
            return;
        }
        if (!report.written()) {
            txn.failed.add(report.partition());
            txn.markersRetryAtMs = Math.min(txn.markersRetryAtMs, nowMs + config.markerRetryMs());
            deadlines.want(txn);
        } else if (txn.unmarked.remove(report.partition()) && txn.unmarked.isEmpty()) {
            txn.markersRetryAtMs = Decider.NEVER;
            draft.log(txn, txn.saved.completed(nowMs));
            for (TxnCommand parked : txn.parked) {
                draft.perform(new Resubmit(txn.id, parked));
            }
            txn.parked.clear();
            txn.parkedUntilMs = Decider.NEVER;
        }
    }

    /** Lets the command wait for the transaction to be complete, which takes a few writes; not for long. */
    void park(Txn txn, TxnCommand command, long nowMs, TxnDraft draft) {
        if (txn.parked.size() >= PARKED_MAX) {
            draft.refuse(command, BrokerError.CONCURRENT_TRANSACTIONS);
            return;
        }
        txn.parked.add(command);
        txn.parkedUntilMs = Math.min(txn.parkedUntilMs, nowMs + PARKED_MS);
        deadlines.want(txn);
    }

    /** Only what failed, while others are under way: what is written twice could end the transaction after this one. */
    private void writeMarkersAgain(Txn txn, long nowMs, TxnDraft draft) {
        if (txn.unreportedAtMs <= nowMs) {
            writeAllMarkers(txn, txn.saved, nowMs, draft);
            return;
        }
        Set<TxnPartition> again = new LinkedHashSet<>(txn.failed);
        again.retainAll(txn.unmarked);
        if (again.isEmpty()) {
            txn.markersRetryAtMs = txn.unreportedAtMs;
        } else {
            writeMarkers(txn, txn.saved, again, draft);
        }
    }

    /** Does what is due, and asks to be woken for the rest. */
    void expire(Txn txn, long nowMs, TxnDraft draft) {
        if (txn.timesOutAtMs() <= nowMs) {
            TxnSnapshot late = txn.saved;
            draft.perform(
                    new TimedOut(txn.id, new Producer(late.producerId(), late.producerEpoch()), late.timeoutMs()));
            fence(txn, nowMs, draft);
        } else if (txn.markersRetryAtMs <= nowMs) {
            writeMarkersAgain(txn, nowMs, draft);
        }
        if (txn.parkedUntilMs <= nowMs) {
            for (TxnCommand parked : txn.parked) {
                draft.refuse(parked, BrokerError.CONCURRENT_TRANSACTIONS);
            }
            txn.parked.clear();
            txn.parkedUntilMs = Decider.NEVER;
        }
    }
}
