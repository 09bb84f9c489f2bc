package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.DescribeTransaction;
import io.robustmq.core.txn.TxnCommand.EndTransaction;
import io.robustmq.core.txn.TxnCommand.InitProducer;
import io.robustmq.core.txn.TxnCommand.ListTransactions;
import io.robustmq.core.txn.TxnCommand.ReportMarker;
import io.robustmq.core.txn.TxnCommand.Tick;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnFact.TxnChanged;
import io.robustmq.core.txn.TxnFact.TxnRemoved;
import io.robustmq.core.txn.TxnReply.Described;
import io.robustmq.core.txn.TxnReply.Done;
import io.robustmq.core.txn.TxnReply.Listed;
import io.robustmq.core.txn.TxnReply.Refused;
import io.robustmq.core.txn.TxnReply.TxnSummary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All transactional ids of one partition of {@code __transaction_state}. Owned by the coordinator's loop. What is durable
 * ({@link Txn#saved}) changes in {@link #apply} alone; which markers are missing and who waits is memory, made anew from it.
 */
public final class TxnMachine implements Decider<TxnCommand, TxnFact, TxnEffect> {
    private final TxnConfig config;
    private final TxnDeadlines deadlines = new TxnDeadlines();
    private final Endings endings;
    private final ProducerStarts starts;
    private final Map<String, Txn> txns = new HashMap<>();
    private long expirationCheckAtMs;

    public TxnMachine(TxnConfig config) {
        this.config = config;
        this.endings = new Endings(config, deadlines);
        this.starts = new ProducerStarts(config, endings);
    }

    @Override
    public Decision<TxnFact, TxnEffect> decide(TxnCommand command, long nowMs) {
        TxnDraft draft = new TxnDraft();
        decide(command, nowMs, draft);
        return draft.decision();
    }

    private void decide(TxnCommand command, long nowMs, TxnDraft draft) {
        if (command instanceof AddPartitions add) {
            add(add, nowMs, draft);
        } else if (command instanceof ReportMarker report) {
            endings.report(txns.get(report.transactionalId()), report, nowMs, draft);
        } else if (command instanceof EndTransaction end) {
            endings.end(txns.get(end.transactionalId()), end, nowMs, draft);
        } else if (command instanceof VerifyPartitions verify) {
            verify(verify, nowMs, draft);
        } else if (command instanceof InitProducer init) {
            init(init, nowMs, draft);
        } else if (command instanceof DescribeTransaction describe) {
            describe(describe, draft);
        } else if (command instanceof ListTransactions list) {
            list(list, draft);
        } else if (command instanceof Tick) {
            tick(nowMs, draft);
        } else {
            throw new AssertionError(command);
        }
    }

    private void init(InitProducer init, long nowMs, TxnDraft draft) {
        BrokerError error = starts.check(init);
        Txn txn = txns.get(init.transactionalId());
        if (error == BrokerError.NONE && txn == null && txns.size() >= config.idsMax()) {
            error = BrokerError.POLICY_VIOLATION;
        }
        if (error != BrokerError.NONE) {
            draft.refuse(init, error);
        } else if (txn == null) {
            starts.startFirst(init, nowMs, draft);
        } else {
            starts.start(txn, init, nowMs, draft);
        }
    }

    private void add(AddPartitions add, long nowMs, TxnDraft draft) {
        Txn txn = txns.get(add.transactionalId());
        BrokerError error = check(add.transactionalId(), txn, add.producer());
        if (error != BrokerError.NONE || txn == null) {
            draft.refuse(add, error);
            return;
        }
        TxnSnapshot now = txn.saved;
        if (now.state().isPrepared()) {
            endings.park(txn, add, nowMs, draft);
        } else if (now.state() == TxnState.ONGOING && now.partitions().containsAll(add.partitions())) {
            draft.answer(add, new Done());
        } else {
            TxnSnapshot next = now.including(add.partitions(), add.bumpsEpoch(), nowMs);
            if (next.partitions().size() > config.partitionsMax()) {
                draft.refuse(add, BrokerError.TRANSACTION_ABORTABLE);
            } else {
                draft.log(txn, next);
                draft.answer(add, new Done());
            }
        }
    }

    private void verify(VerifyPartitions verify, long nowMs, TxnDraft draft) {
        Txn txn = txns.get(verify.transactionalId());
        BrokerError error = check(verify.transactionalId(), txn, verify.producer());
        if (error != BrokerError.NONE || txn == null) {
            draft.refuse(verify, error);
        } else if (txn.saved.state().isPrepared()) {
            endings.park(txn, verify, nowMs, draft);
        } else if (txn.saved.partitions().containsAll(verify.partitions())) {
            draft.answer(verify, new Done());
        } else {
            draft.refuse(verify, BrokerError.TRANSACTION_ABORTABLE);
        }
    }

    private static BrokerError check(String transactionalId, @Nullable Txn txn, TxnCommand.Producer producer) {
        if (transactionalId.isEmpty()) {
            return BrokerError.INVALID_REQUEST;
        }
        return txn == null ? BrokerError.INVALID_PRODUCER_ID_MAPPING : Endings.check(txn.saved, producer);
    }

    private void describe(DescribeTransaction describe, TxnDraft draft) {
        Txn txn = txns.get(describe.transactionalId());
        if (txn == null) {
            boolean named = !describe.transactionalId().isEmpty();
            draft.refuse(describe, named ? BrokerError.TRANSACTIONAL_ID_NOT_FOUND : BrokerError.INVALID_REQUEST);
        } else {
            boolean prepared = txn.saved.state().isPrepared();
            draft.answer(describe, new Described(txn.saved, prepared ? txn.unmarked : txn.saved.partitions()));
        }
    }

    private void list(ListTransactions list, TxnDraft draft) {
        List<TxnSummary> listed = new ArrayList<>(txns.size());
        for (Txn txn : txns.values()) {
            listed.add(new TxnSummary(txn.id, txn.saved.producerId(), txn.saved.state(), txn.saved.startMs()));
        }
        draft.answer(list, new Listed(listed));
    }

    private void tick(long nowMs, TxnDraft draft) {
        List<Txn> looked = new ArrayList<>();
        Txn due = deadlines.due(nowMs);
        while (due != null) {
            if (txns.get(due.id) == due) {
                endings.expire(due, nowMs, draft);
                looked.add(due);
            }
            due = deadlines.due(nowMs);
        }
        for (Txn txn : looked) {
            // What timed out just now is still ongoing until its fact is applied, which asks again by itself.
            if (txn.timesOutAtMs() > nowMs) {
                deadlines.want(txn);
            }
        }
        if (expirationCheckAtMs <= nowMs) {
            expirationCheckAtMs = nowMs + config.expirationCheckMs();
            removeUnused(nowMs, draft);
        }
    }

    private void removeUnused(long nowMs, TxnDraft draft) {
        for (Txn txn : txns.values()) {
            boolean idle =
                    switch (txn.saved.state()) {
                        case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> true;
                        case ONGOING, PREPARE_COMMIT, PREPARE_ABORT, DEAD -> false;
                    };
            if (idle && txn.saved.lastUpdateMs() + config.idExpirationMs() <= nowMs) {
                draft.log(new TxnRemoved(txn.id));
            }
        }
    }

    @Override
    public void apply(TxnFact fact) {
        if (fact instanceof TxnChanged changed) {
            Txn txn = txns.get(changed.transactionalId());
            if (txn == null) {
                txn = new Txn(changed.transactionalId(), changed.snapshot());
                txns.put(txn.id, txn);
            } else {
                txn.saved = changed.snapshot();
            }
            deadlines.want(txn);
        } else if (fact instanceof TxnRemoved removed) {
            txns.remove(removed.transactionalId());
        } else {
            throw new AssertionError(fact);
        }
    }

    @Override
    public void leads(int leaderEpoch) {
        endings.leads(leaderEpoch);
    }

    /** Transactions whose outcome was decided are completed. */
    @Override
    public Decision<TxnFact, TxnEffect> activated(long nowMs) {
        expirationCheckAtMs = nowMs + config.expirationCheckMs();
        TxnDraft draft = new TxnDraft();
        for (Txn txn : txns.values()) {
            if (txn.saved.state().isPrepared()) {
                endings.resume(txn, nowMs, draft);
            }
        }
        return draft.decision();
    }

    @Override
    public List<TxnEffect> dropped(BrokerError why) {
        List<TxnEffect> effects = new ArrayList<>();
        for (Txn txn : txns.values()) {
            for (TxnCommand parked : txn.parked) {
                effects.add(new TxnEffect.Answer(parked.requester(), new Refused(why)));
            }
        }
        return effects;
    }

    @Override
    public long wakeAtMs() {
        return txns.isEmpty() ? NEVER : Math.min(deadlines.nextMs(), expirationCheckAtMs);
    }

    /** What is logged of every transactional id. */
    Map<String, TxnSnapshot> snapshots() {
        Map<String, TxnSnapshot> all = new HashMap<>();
        txns.forEach((id, txn) -> all.put(id, txn.saved));
        return all;
    }
}
