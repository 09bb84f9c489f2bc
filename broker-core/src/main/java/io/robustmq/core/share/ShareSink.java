package io.robustmq.core.share;

import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;

/** Hands answers to those who wait for them. Stateless. */
final class ShareSink implements EffectSink<ShareCommand, ShareEffect> {
    @Override
    public void perform(ShareEffect effect) {
        if (effect instanceof ShareEffect.Answer answer) {
            answer.requester().answer(answer.reply());
        } else if (effect instanceof ShareEffect.Wake wake) {
            wake.waiter().run();
        } else {
            throw new AssertionError(effect);
        }
    }

    @Override
    public void refused(ShareCommand command, BrokerError error) {
        command.requester().refuse(error);
    }
}
