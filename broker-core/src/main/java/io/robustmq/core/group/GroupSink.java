package io.robustmq.core.group;

import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;

/** Hands answers to those who wait for them. Stateless. */
public final class GroupSink implements EffectSink<GroupCommand, GroupEffect> {
    @Override
    public void perform(GroupEffect effect) {
        if (effect.reply() instanceof GroupReply.Refused refused) {
            effect.requester().refuse(refused.error());
        } else {
            effect.requester().answer(effect.reply());
        }
    }

    @Override
    public void refused(GroupCommand command, BrokerError error) {
        command.requester().refuse(error);
    }
}
