package io.robustmq.core.group.consumer;

import java.util.function.Consumer;

/** The facts of a decision being made: each takes effect at once, so that the next step of the decision builds on it. */
public final class Ledger {
    private final ConsumerGroups groups;
    private final Consumer<ConsumerFact> log;

    public Ledger(ConsumerGroups groups, Consumer<ConsumerFact> log) {
        this.groups = groups;
        this.log = log;
    }

    public void log(ConsumerFact fact) {
        groups.apply(fact);
        log.accept(fact);
    }
}
