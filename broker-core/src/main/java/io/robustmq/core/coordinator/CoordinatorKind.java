package io.robustmq.core.coordinator;

import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What makes one kind of coordinator different from another.
 *
 * @param deciders an empty Decider for a partition of the internal topic
 * @param tick the command that a Decider gets when it asked to be woken
 */
public record CoordinatorKind<C, F, E>(
        IntFunction<? extends Decider<C, F, E>> deciders,
        FactCodec<F> codec,
        EffectSink<C, E> sink,
        Supplier<? extends C> tick) {}
