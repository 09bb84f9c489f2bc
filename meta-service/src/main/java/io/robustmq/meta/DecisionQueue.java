package io.robustmq.meta;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.meta.fact.MetaEntryCodec;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.raft.RaftLogService;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands that wait, and the batch of them that is on its way. Owned by the meta thread.
 *
 * <pre>
 *   idle ── commands, and there is a leader ─► in flight ── applied ──► answered, idle
 *    ▲                                          │  │
 *    └──── decided on a state that is gone ─────┘  └── failed ──► refused, idle
 * </pre>
 *
 * One batch is in flight at a time; what arrives meanwhile is the next. So every decision sees all facts before it, and a
 * batch that fails is dropped with the machine that decided it.
 */
final class DecisionQueue {
    private static final Logger log = LoggerFactory.getLogger(DecisionQueue.class);

    /** No further command joins a batch of this many bytes; with the largest command it still fits an entry. */
    private static final int BATCH_BYTES = 48 << 10;

    private static final int COMMAND_BYTES_MAX = RaftLogService.ENTRY_BYTES_MAX - BATCH_BYTES - 16;

    private final Supplier<MetaMachine> machines;
    private final Function<List<MetaFact>, CompletableFuture<Boolean>> entries;
    private final Deque<PendingCommand> waiting = new ArrayDeque<>();
    private boolean open;
    private @Nullable Batch inFlight;
    private @Nullable Runnable drained;

    /**
     * Closed until {@link #open}.
     *
     * @param machines of the current state
     * @param entries logs facts decided on the current state; answers in the meta thread, false if they came too late
     */
    DecisionQueue(Supplier<MetaMachine> machines, Function<List<MetaFact>, CompletableFuture<Boolean>> entries) {
        this.machines = machines;
        this.entries = entries;
    }

    void add(PendingCommand command) {
        waiting.add(command);
        turn();
    }

    /** Whether there is a leader to take entries. */
    void open(boolean opened) {
        open = opened;
        turn();
    }

    /** Decides nothing more; runs {@code whenDrained} when nothing is in flight. */
    void drain(Runnable whenDrained) {
        drained = whenDrained;
        turn();
    }

    /** Nothing that waits or is in flight will have an outcome. */
    void refuseAll(BrokerException refusal) {
        if (inFlight != null) {
            inFlight.commands.forEach(command -> command.outcome().completeExceptionally(refusal));
        }
        waiting.forEach(command -> command.outcome().completeExceptionally(refusal));
        waiting.clear();
    }

    private void turn() {
        if (drained != null && inFlight == null) {
            drained.run();
        }
        while (open && drained == null && inFlight == null && !waiting.isEmpty()) {
            Batch batch = decide();
            if (batch.facts.isEmpty()) {
                batch.answer();
            } else {
                inFlight = batch;
                var unused = entry(batch.facts).whenComplete((applied, failure) -> landed(batch, applied, failure));
            }
        }
    }

    private CompletableFuture<Boolean> entry(List<MetaFact> facts) {
        try {
            return entries.apply(facts);
        } catch (RuntimeException | Error e) {
            log.error("a batch could not be logged", e);
            return CompletableFuture.failedFuture(new BrokerException(BrokerError.UNEXPECTED));
        }
    }

    private Batch decide() {
        Batch batch = new Batch();
        MetaMachine machine = machines.get();
        while (!waiting.isEmpty() && batch.bytes < BATCH_BYTES) {
            PendingCommand command = waiting.remove();
            if (!command.abandoned()) {
                decide(command, machine, batch);
            }
        }
        return batch;
    }

    private static void decide(PendingCommand command, MetaMachine machine, Batch batch) {
        Decision<MetaFact, MetaReply> decision;
        try {
            decision = command.decide().apply(machine);
        } catch (RuntimeException | Error e) {
            log.error("a command could not be decided", e);
            command.outcome().completeExceptionally(new BrokerException(BrokerError.UNEXPECTED));
            return;
        }
        int bytes = MetaEntryCodec.sizeOf(decision.facts());
        if (bytes > COMMAND_BYTES_MAX) {
            batch.add(
                    command,
                    new MetaReply.Refused(
                            BrokerError.POLICY_VIOLATION,
                            "the change takes " + bytes + " bytes; at most " + COMMAND_BYTES_MAX
                                    + " are logged at once"));
            return;
        }
        decision.facts().forEach(machine::apply);
        batch.facts.addAll(decision.facts());
        batch.bytes += bytes;
        batch.add(command, decision.effects().get(0));
    }

    private void landed(Batch batch, @Nullable Boolean applied, @Nullable Throwable failure) {
        inFlight = null;
        if (failure != null) {
            batch.refuse(refusal(failure));
        } else if (Boolean.TRUE.equals(applied)) {
            batch.answer();
        } else {
            for (int i = batch.commands.size() - 1; i >= 0; i--) {
                waiting.addFirst(batch.commands.get(i));
            }
        }
        turn();
    }

    private static BrokerException refusal(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof BrokerException refusal
                ? refusal
                : new BrokerException(BrokerError.NOT_META_LEADER, String.valueOf(cause));
    }

    /** Commands decided together, and their replies in the same order. */
    private static final class Batch {
        private final List<PendingCommand> commands = new ArrayList<>();
        private final List<MetaReply> replies = new ArrayList<>();
        private final List<MetaFact> facts = new ArrayList<>();
        private int bytes;

        private void add(PendingCommand command, MetaReply reply) {
            commands.add(command);
            replies.add(reply);
        }

        private void answer() {
            for (int i = 0; i < commands.size(); i++) {
                commands.get(i).outcome().complete(replies.get(i));
            }
        }

        private void refuse(BrokerException refusal) {
            commands.forEach(command -> command.outcome().completeExceptionally(refusal));
        }
    }
}
