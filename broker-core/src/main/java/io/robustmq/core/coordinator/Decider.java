package io.robustmq.core.coordinator;

/**
 * Durable state as a plain single-threaded class: decides what a command leads to, and applies facts, both those just
 * decided and those replayed from the log. No I/O, clock, randomness or locks inside.
 *
 * @param <C> commands: imperative, not stored
 * @param <F> facts: past tense, stored, the only thing that changes state across restarts
 * @param <E> effects: what the outside is told or asked once the facts are committed, replies among them
 */
public interface Decider<C, F, E> {
    /** Must not change durable state; the runtime applies the returned facts before it decides the next command. */
    Decision<F, E> decide(C command, long nowMs);

    void apply(F fact);
}
