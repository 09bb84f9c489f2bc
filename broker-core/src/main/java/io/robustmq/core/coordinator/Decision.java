package io.robustmq.core.coordinator;

import java.util.List;

/** What a command leads to: facts to log, then effects to perform in order. Effects without facts happen after all earlier facts. */
public record Decision<F, E>(List<F> facts, List<E> effects) {
    public Decision {
        facts = List.copyOf(facts);
        effects = List.copyOf(effects);
    }

    public static <F, E> Decision<F, E> nothing() {
        return new Decision<>(List.of(), List.of());
    }

    public static <F, E> Decision<F, E> effect(E effect) {
        return new Decision<>(List.of(), List.of(effect));
    }

    public static <F, E> Decision<F, E> of(F fact, E effect) {
        return new Decision<>(List.of(fact), List.of(effect));
    }
}
