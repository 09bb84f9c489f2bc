package io.robustmq.core.delayed;

import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The delayed messages of one partition. Owned by the partition's loop.
 *
 * <pre>
 *   Delay ─▶ waiting ─time─▶ Due ─BeginPublish─▶ begun, Append ─EndPublish─▶ gone
 *               │ ▲                                  │
 *        Cancel ▼ └────────────Postpone──────────────┘        begun when a node stopped: Doubtful
 *             gone
 * </pre>
 */
public final class DelayMachine implements Decider<DelayCommand, DelayFact, DelayEffect> {
    private static final int DUE_AT_ONCE_MAX = 256;
    private static final int POSTPONED_MS = 5_000;

    private final int countMax;
    private final long bytesMax;
    private final Map<String, DelayedMessage> messages = new HashMap<>();
    private final Map<String, DelayFact.PublishBegun> begun = new HashMap<>();
    /** Waiting for their time, in its order; what the node was told of is not among them. */
    private final NavigableSet<DelayedMessage> waiting =
            new TreeSet<>(Comparator.comparingLong(DelayedMessage::dueAtMs).thenComparing(DelayedMessage::id));
    /** Those that the log did not take, until the next try. */
    private final Set<String> postponed = new HashSet<>();

    private long postponedUntilMs = NEVER;
    private long bytes;

    /** Without messages. */
    public DelayMachine(int countMax, long bytesMax) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
    }

    /** What was about to be appended may be in the log. */
    @Override
    public Decision<DelayFact, DelayEffect> activated(long nowMs) {
        List<DelayEffect> effects = new ArrayList<>();
        begun.forEach((id, place) -> {
            DelayedMessage message = messages.get(id);
            if (message != null) {
                waiting.remove(message);
                effects.add(new DelayEffect.Doubtful(message, place.partition(), place.fromOffset()));
            }
        });
        return new Decision<>(List.of(), effects);
    }

    @Override
    public Decision<DelayFact, DelayEffect> decide(DelayCommand command, long nowMs) {
        if (command instanceof DelayCommand.Delay c) {
            return delay(c);
        }
        if (command instanceof DelayCommand.Cancel c) {
            return cancel(c);
        }
        if (command instanceof DelayCommand.List c) {
            return Decision.effect(list(c));
        }
        if (command instanceof DelayCommand.BeginPublish c) {
            return messages.containsKey(c.id())
                    ? Decision.of(
                            new DelayFact.PublishBegun(c.id(), c.partition(), c.fromOffset()),
                            new DelayEffect.Append(c.id()))
                    : Decision.nothing();
        }
        if (command instanceof DelayCommand.EndPublish c) {
            return new Decision<>(gone(c.id()), List.of());
        }
        if (command instanceof DelayCommand.Postpone c) {
            postponed.add(c.id());
            postponedUntilMs = Math.min(postponedUntilMs, nowMs + POSTPONED_MS);
            return Decision.nothing();
        }
        if (command instanceof DelayCommand.Tick) {
            return due(nowMs);
        }
        throw new AssertionError(command);
    }

    private Decision<DelayFact, DelayEffect> delay(DelayCommand.Delay command) {
        DelayedMessage message = command.message();
        boolean fits = messages.size() < countMax && bytes + message.memoryBytes() <= bytesMax;
        return fits
                ? Decision.of(
                        new DelayFact.MessageDelayed(message, command.marks()),
                        new DelayEffect.Answered(command.ticket(), DelayEffect.Outcome.DONE))
                : Decision.effect(new DelayEffect.Answered(command.ticket(), DelayEffect.Outcome.FULL));
    }

    private Decision<DelayFact, DelayEffect> cancel(DelayCommand.Cancel command) {
        DelayedMessage message = messages.get(command.id());
        boolean waits = message != null && waiting.contains(message);
        DelayEffect.Outcome outcome = waits ? DelayEffect.Outcome.DONE : DelayEffect.Outcome.NOT_WAITING;
        return new Decision<>(
                waits ? gone(command.id()) : List.of(), List.of(new DelayEffect.Answered(command.ticket(), outcome)));
    }

    private List<DelayFact> gone(String id) {
        List<DelayFact> facts = new ArrayList<>(2);
        if (messages.containsKey(id)) {
            facts.add(new DelayFact.MessageGone(id));
        }
        if (begun.containsKey(id)) {
            // Last: what is gone is not in doubt.
            facts.add(new DelayFact.PublishForgotten(id));
        }
        return facts;
    }

    private DelayEffect list(DelayCommand.List command) {
        DelayedMessage after = messages.get(command.afterId());
        NavigableSet<DelayedMessage> rest = after == null ? waiting : waiting.tailSet(after, false);
        return new DelayEffect.Listed(
                command.ticket(), rest.stream().limit(command.max()).toList(), messages.size());
    }

    /** The node is told once, in this life of the machine. */
    private Decision<DelayFact, DelayEffect> due(long nowMs) {
        if (nowMs >= postponedUntilMs) {
            postponed.forEach(id -> putBack(messages.get(id)));
            postponed.clear();
            postponedUntilMs = NEVER;
        }
        List<DelayEffect> effects = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.first().dueAtMs() <= nowMs && effects.size() < DUE_AT_ONCE_MAX) {
            effects.add(new DelayEffect.Due(waiting.pollFirst()));
        }
        return new Decision<>(List.of(), effects);
    }

    private void putBack(@Nullable DelayedMessage message) {
        if (message != null) {
            waiting.add(message);
        }
    }

    @Override
    public void apply(DelayFact fact) {
        if (fact instanceof DelayFact.MessageDelayed f) {
            forget(messages.put(f.id(), f.message()));
            waiting.add(f.message());
            bytes += f.message().memoryBytes();
        } else if (fact instanceof DelayFact.MessageGone) {
            forget(messages.remove(fact.id()));
        } else if (fact instanceof DelayFact.PublishBegun f) {
            begun.put(f.id(), f);
        } else if (fact instanceof DelayFact.PublishForgotten) {
            begun.remove(fact.id());
        } else {
            throw new AssertionError(fact);
        }
    }

    private void forget(@Nullable DelayedMessage former) {
        if (former != null) {
            waiting.remove(former);
            bytes -= former.memoryBytes();
        }
    }

    @Override
    public long wakeAtMs() {
        long first = waiting.isEmpty() ? NEVER : waiting.first().dueAtMs();
        return Math.min(first, postponedUntilMs);
    }
}
