package io.robustmq.meta;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.machine.MetaMachine;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A command on its way to its outcome. Its future may complete early, by timeout; then nobody waits for the outcome. */
record PendingCommand(
        Function<MetaMachine, Decision<MetaFact, MetaReply>> decide, CompletableFuture<MetaReply> outcome) {
    boolean abandoned() {
        return outcome.isDone();
    }
}
