package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what coordinators of transactions want. Thread-safe. */
final class TxnSink implements EffectSink<TxnCommand, TxnEffect> {
    private static final Logger LOG = LoggerFactory.getLogger(TxnSink.class);

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
        } else if (effect instanceof TxnEffect.TimedOut late) {
            LOG.info(
                    "transaction={} producer={} epoch={} action=abort reason=\"not ended within {} ms\"",
                    late.transactionalId(),
                    late.producer().id(),
                    late.producer().epoch(),
                    late.timeoutMs());
        } else if (effect instanceof TxnEffect.Resubmit again) {
            coordinator.submit(again.transactionalId(), again.command());
        } else {
            throw new AssertionError(effect);
        }
    }

    /**
     * Many a no ends a producer for good, and the transaction may be one that only another coordinator knows of; by a yes it writes to
     * a partition that another one may have marked already.
     */
    @Override
    public TxnEffect unsure(TxnEffect effect) {
        return effect instanceof TxnEffect.Answer answer
                        && (answer.reply() instanceof TxnReply.Refused || answer.reply() instanceof TxnReply.Done)
                ? new TxnEffect.Answer(answer.requester(), new TxnReply.Refused(BrokerError.NOT_COORDINATOR))
                : effect;
    }

    @Override
    public void refused(TxnCommand command, BrokerError error) {
        command.requester().refuse(error);
    }
}
