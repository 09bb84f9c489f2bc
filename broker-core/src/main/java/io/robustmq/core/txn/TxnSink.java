package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;

/** Carries out what coordinators of transactions want. Thread-safe. */
final class TxnSink implements EffectSink<TxnCommand, TxnEffect> {
    private final MarkerWriter markers;
    private final Coordinator<TxnCommand> coordinator;

    TxnSink(MarkerWriter markers, Coordinator<TxnCommand> coordinator) {
        this.markers = markers;
        this.coordinator = coordinator;
    }

    @Override
    public void perform(TxnEffect effect) {
        if (effect instanceof TxnEffect.Answer answer) {
            if (answer.reply() instanceof TxnReply.Refused refused) {
                answer.requester().refuse(refused.error());
            } else {
                answer.requester().answer(answer.reply());
            }
        } else if (effect instanceof TxnEffect.WriteMarkers write) {
            markers.write(write, coordinator);
        } else if (effect instanceof TxnEffect.Resubmit again) {
            coordinator.submit(again.transactionalId(), again.command());
        } else {
            throw new AssertionError(effect);
        }
    }

    @Override
    public void refused(TxnCommand command, BrokerError error) {
        command.requester().refuse(error);
    }
}
