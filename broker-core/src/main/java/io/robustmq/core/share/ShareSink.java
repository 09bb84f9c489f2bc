package io.robustmq.core.share;

import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.share.ShareEffect.WriteDeadLetters;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Hands answers to those who wait for them, and what is given up to the dead letter office. Thread-safe. */
final class ShareSink implements EffectSink<ShareCommand, ShareEffect> {
    private final Consumer<WriteDeadLetters> deadLetters;
    private final IntConsumer topics;

    /** @param topics gets partitions of {@code __share_group_state} whose topics are to be looked for */
    ShareSink(Consumer<WriteDeadLetters> deadLetters, IntConsumer topics) {
        this.deadLetters = deadLetters;
        this.topics = topics;
    }

    @Override
    public void perform(ShareEffect effect) {
        if (effect instanceof ShareEffect.Answer answer) {
            answer.requester().answer(answer.reply());
        } else if (effect instanceof ShareEffect.Refuse refuse) {
            refuse.requester().refuse(refuse.error());
        } else if (effect instanceof ShareEffect.Wake wake) {
            wake.waiter().run();
        } else if (effect instanceof WriteDeadLetters write) {
            deadLetters.accept(write);
        } else if (effect instanceof ShareEffect.CheckTopics check) {
            topics.accept(check.statePartition());
        } else {
            throw new AssertionError(effect);
        }
    }

    /**
     * Another coordinator may have given the same records to somebody else, and says what became of those that this one knows
     * of. Where there are none, who waits is woken when this one is replaced.
     */
    @Override
    public ShareEffect unsure(ShareEffect effect) {
        return effect instanceof ShareEffect.Answer answer && isRisky(answer.reply())
                ? new ShareEffect.Refuse(answer.requester(), BrokerError.NOT_COORDINATOR)
                : effect;
    }

    private static boolean isRisky(ShareReply reply) {
        return reply instanceof ShareReply.Done
                || (reply instanceof ShareReply.Acquired acquired
                        && !acquired.ranges().isEmpty());
    }

    @Override
    public void refused(ShareCommand command, BrokerError error) {
        command.requester().refuse(error);
    }
}
