package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import java.util.ArrayList;
import java.util.List;

/** A decision being made. */
final class TxnDraft {
    private final List<TxnFact> facts = new ArrayList<>(1);
    private final List<TxnEffect> effects = new ArrayList<>(1);

    void log(Txn txn, TxnSnapshot snapshot) {
        facts.add(new TxnFact.TxnChanged(txn.id, snapshot));
    }

    void log(TxnFact fact) {
        facts.add(fact);
    }

    void answer(TxnCommand command, TxnReply reply) {
        effects.add(new TxnEffect.Answer(command.requester(), reply));
    }

    void refuse(TxnCommand command, BrokerError error) {
        answer(command, new TxnReply.Refused(error));
    }

    void perform(TxnEffect effect) {
        effects.add(effect);
    }

    Decision<TxnFact, TxnEffect> decision() {
        return new Decision<>(facts, effects);
    }
}
