package io.robustmq.core.share;

import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.share.ShareEffect.WriteDeadLetters;
import java.util.function.Consumer;

/** Hands answers to those who wait for them, and what is given up to the dead letter office. Thread-safe. */
final class ShareSink implements EffectSink<ShareCommand, ShareEffect> {
    private final Consumer<WriteDeadLetters> deadLetters;

    ShareSink(Consumer<WriteDeadLetters> deadLetters) {
        this.deadLetters = deadLetters;
    }

    @Override
    public void perform(ShareEffect effect) {
        if (effect instanceof ShareEffect.Answer answer) {
            answer.requester().answer(answer.reply());
        } else if (effect instanceof ShareEffect.Wake wake) {
            wake.waiter().run();
        } else if (effect instanceof WriteDeadLetters write) {
            deadLetters.accept(write);
        } else {
            throw new AssertionError(effect);
        }
    }

    @Override
    public void refused(ShareCommand command, BrokerError error) {
        command.requester().refuse(error);
    }
}
