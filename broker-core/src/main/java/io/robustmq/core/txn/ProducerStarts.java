package io.robustmq.core.txn;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.txn.TxnCommand.InitProducer;

/**
 * How producers start: whoever used the transactional id before is fenced by another epoch, or another producer id when the
 * epochs ran out. Owned by the coordinator's loop.
 */
final class ProducerStarts {
    private final TxnConfig config;
    private final Endings endings;

    ProducerStarts(TxnConfig config, Endings endings) {
        this.config = config;
        this.endings = endings;
    }

    /** NONE if the request as such is good. */
    BrokerError check(InitProducer init) {
        if (init.transactionalId().isEmpty()) {
            return BrokerError.INVALID_REQUEST;
        }
        return init.timeoutMs() <= 0 || init.timeoutMs() > config.timeoutMaxMs()
                ? BrokerError.INVALID_TRANSACTION_TIMEOUT
                : BrokerError.NONE;
    }

    void startFirst(InitProducer init, long nowMs, TxnDraft draft) {
        TxnSnapshot first = TxnSnapshot.of(init.freshProducerId(), init.timeoutMs(), nowMs);
        draft.log(new TxnFact.TxnChanged(init.transactionalId(), first));
        answer(init, first, draft);
    }

    void start(Txn txn, InitProducer init, long nowMs, TxnDraft draft) {
        TxnSnapshot now = txn.saved;
        boolean expects = init.expectedProducerId() >= 0;
        boolean isPresent =
                init.expectedProducerId() == now.producerId() && init.expectedEpoch() == now.producerEpoch();
        switch (now.state()) {
            case PREPARE_COMMIT, PREPARE_ABORT -> endings.park(txn, init, nowMs, draft);
            case ONGOING -> {
                if (expects && !isPresent) {
                    draft.refuse(init, BrokerError.PRODUCER_FENCED);
                } else {
                    // The epoch that this ends with is nobody's; another follows when the abort is complete.
                    endings.fence(txn, nowMs, draft);
                    endings.park(txn, forget(init), nowMs, draft);
                }
            }
            case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> {
                if (expects && !isPresent) {
                    startAgain(init, now, draft);
                } else {
                    TxnSnapshot next = next(now, init, expects, nowMs);
                    draft.log(txn, next);
                    answer(init, next, draft);
                }
            }
            case DEAD -> draft.refuse(init, BrokerError.CONCURRENT_TRANSACTIONS);
        }
    }

    /** Its expectation was checked; the abort changes what it would be compared with. */
    private static InitProducer forget(InitProducer init) {
        return new InitProducer(
                init.requester(),
                init.transactionalId(),
                init.timeoutMs(),
                TxnSnapshot.NO_ID,
                TxnSnapshot.NO_EPOCH,
                init.freshProducerId());
    }

    /** A producer that missed the answer to the same request gets it again; any other is older than the present one. */
    private static void startAgain(InitProducer init, TxnSnapshot now, TxnDraft draft) {
        boolean missedEpoch =
                init.expectedProducerId() == now.producerId() && init.expectedEpoch() == now.lastProducerEpoch();
        boolean missedId = init.expectedProducerId() == now.previousProducerId()
                && init.expectedEpoch() == now.lastProducerEpoch()
                && now.producerEpoch() == 0;
        if (missedEpoch || missedId) {
            answer(init, now, draft);
        } else {
            draft.refuse(init, BrokerError.PRODUCER_FENCED);
        }
    }

    private static TxnSnapshot next(TxnSnapshot now, InitProducer init, boolean expects, long nowMs) {
        short last = expects ? now.producerEpoch() : TxnSnapshot.NO_EPOCH;
        return now.isExhausted()
                ? now.rotated(init.freshProducerId(), last, init.timeoutMs(), nowMs)
                : now.restarted((short) (now.producerEpoch() + 1), last, init.timeoutMs(), nowMs);
    }

    private static void answer(InitProducer init, TxnSnapshot now, TxnDraft draft) {
        draft.answer(init, new TxnReply.Producer(now.producerId(), now.producerEpoch()));
    }
}
