package io.robustmq.core.coordinator;

import io.robustmq.core.error.BrokerError;

/** Carries out what a Decider wants, in the coordinator's loop. */
public interface EffectSink<C, E> {
    /** The facts decided before this effect are committed. */
    void perform(E effect);

    /**
     * What to do instead of an effect that no fact was decided with, when another node may lead by now: that one may have decided what is not
     * known here.
     */
    default E unsure(E effect) {
        return effect;
    }

    /** The command had no effect: this node does not lead the partition, is loading, is full, or the append failed. */
    void refused(C command, BrokerError error);
}
