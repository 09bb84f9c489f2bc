package io.robustmq.core.coordinator;

import io.robustmq.core.error.BrokerError;
import java.util.List;

/**
 * Durable state as a plain single-threaded class: decides what a command leads to, and applies facts, both those just
 * decided and those replayed from the log. No I/O, clock, randomness or locks inside.
 *
 * @param <C> commands: imperative, not stored
 * @param <F> facts: past tense, stored, the only thing that changes state across restarts
 * @param <E> effects: what the outside is told or asked once the facts are committed, replies among them
 */
public interface Decider<C, F, E> {
    long NEVER = Long.MAX_VALUE;

    /** Must not change durable state; the runtime applies the returned facts before it decides the next command. */
    Decision<F, E> decide(C command, long nowMs);

    void apply(F fact);

    /** Called once, before {@link #activated}: the epoch in which this node leads the partition. */
    default void leads(int leaderEpoch) {}

    /** Called once, when the log has been replayed and before the first command. */
    default Decision<F, E> activated(long nowMs) {
        return Decision.nothing();
    }

    /**
     * This state is thrown away now: what to tell those who wait in it. Nothing can be logged any more. Another is made from the log unless
     * {@code why} is NOT_COORDINATOR, of which one that was never activated hears too.
     */
    default List<E> dropped(BrokerError why) {
        return List.of();
    }

    /** When the kind's tick command is wanted next, at the latest; asked after every turn. */
    default long wakeAtMs() {
        return NEVER;
    }
}
