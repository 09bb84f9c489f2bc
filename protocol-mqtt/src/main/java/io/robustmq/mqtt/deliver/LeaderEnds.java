package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks where partitions end that this node does not know by itself, for all who came until then at once. Who wants to know of one
 * whose leader does not answer waits until that, or another, does; nobody else waits for it. Owned by its loop.
 *
 * <pre>
 *   (nobody waits) ── ask ──► due ── end of the turn ──► asked ── answer ──► told; due again for who came since
 *                              ▲                           │ none that counts
 *                              └────────── pause ──────────┘
 * </pre>
 */
public final class LeaderEnds {
    private static final int AGAIN_MS = 50;

    private final Journal journal;
    private final Loop loop;
    private final Predicate<Partition> given;
    private final Map<Partition, Waiting> waiting = new HashMap<>();
    private final Set<Partition> due = new LinkedHashSet<>();
    /** Of which a question is under way, or had no answer a moment ago. */
    private final Set<Partition> asked = new HashSet<>();

    private boolean askScheduled;

    /** Who waits to know of a partition, in the order of their coming. */
    private static final class Waiting {
        /** Before the question that is under way, which so is theirs. */
        private final Set<Asker> before = new LinkedHashSet<>();

        private final Set<Asker> since = new LinkedHashSet<>();

        private boolean remove(Asker asker) {
            return (before.remove(asker) || since.remove(asker)) && before.isEmpty() && since.isEmpty();
        }
    }

    /** Somebody, what he wants to know yet, and what he has been told. */
    private static final class Asker {
        private final Set<Partition> missing;
        private final Predicate<PartitionState> counts;
        private final Map<Partition, PartitionState> told = new HashMap<>();
        private final Consumer<Map<Partition, PartitionState>> done;
        private boolean isGone;

        private Asker(
                Collection<Partition> missing,
                Predicate<PartitionState> counts,
                Consumer<Map<Partition, PartitionState>> done) {
            this.missing = new HashSet<>(missing);
            this.counts = counts;
            this.done = done;
        }

        private void tellIfDone() {
            if (missing.isEmpty() && !isGone) {
                isGone = true;
                done.accept(told);
            }
        }
    }

    /** @param given of which partitions nobody waits to know */
    public LeaderEnds(Journal journal, Loop loop, Predicate<Partition> given) {
        this.journal = journal;
        this.loop = loop;
        this.given = given;
    }

    /** Whether nobody waits. */
    boolean isIdle() {
        return waiting.isEmpty();
    }

    /**
     * What nobody needs to be asked for: the partition is led here, and nobody waits who asked for it before. A follower hears late
     * what is committed, and a leader that takes over does not know all of it yet.
     */
    public @Nullable PartitionState ledHere(Partition partition) {
        boolean mayBe = !waiting.containsKey(partition) && journal.isHere(partition);
        PartitionState state = mayBe ? journal.state(partition) : null;
        return state != null && state.leader() ? state : null;
    }

    /**
     * As of now or later; without those that {@code given} left out. Who asked earlier of a partition is told earlier.
     *
     * @param partitions at least one
     * @param counts whether a state is an answer; else it is asked for again
     * @return for who does not want to know any more
     */
    public Cancellable ask(
            Collection<Partition> partitions,
            Predicate<PartitionState> counts,
            Consumer<Map<Partition, PartitionState>> done) {
        Asker asker = new Asker(partitions, counts, done);
        for (Partition partition : asker.missing) {
            waiting.computeIfAbsent(partition, each -> new Waiting()).since.add(asker);
            if (!asked.contains(partition)) {
                due.add(partition);
            }
        }
        askSoon();
        return () -> leave(asker);
    }

    private void leave(Asker asker) {
        asker.isGone = true;
        asker.missing.forEach(partition -> forget(partition, asker));
        asker.missing.clear();
    }

    private void forget(Partition partition, Asker asker) {
        Waiting who = waiting.get(partition);
        if (who != null && who.remove(asker)) {
            waiting.remove(partition);
        }
    }

    /** What is wanted in one turn of the loop is asked together. */
    private void askSoon() {
        if (!askScheduled && !due.isEmpty()) {
            askScheduled = true;
            loop.execute(this::ask);
        }
    }

    private void ask() {
        askScheduled = false;
        List<Partition> next = new ArrayList<>();
        List<Asker> told = new ArrayList<>();
        for (Partition partition : due) {
            Waiting who = waiting.get(partition);
            if (who == null) {
                continue;
            }
            who.before.addAll(who.since);
            who.since.clear();
            if (given.test(partition)) {
                List.copyOf(who.before).forEach(asker -> knows(partition, asker, told));
            } else {
                next.add(partition);
            }
        }
        due.clear();
        asked.addAll(next);
        if (!next.isEmpty()) {
            journal.leaderStates(next, loop, this::told);
        }
        told.forEach(Asker::tellIfDone);
    }

    private void knows(Partition partition, Asker asker, List<Asker> told) {
        asker.missing.remove(partition);
        forget(partition, asker);
        told.add(asker);
    }

    private void told(Collection<Partition> partitions, Map<Partition, PartitionState> states) {
        List<Partition> again = new ArrayList<>();
        List<Asker> told = new ArrayList<>();
        for (Partition partition : partitions) {
            PartitionState state = states.get(partition);
            Waiting who = waiting.get(partition);
            for (Asker asker : who == null ? List.<Asker>of() : List.copyOf(who.before)) {
                if (state != null && asker.counts.test(state)) {
                    asker.told.put(partition, state);
                    knows(partition, asker, told);
                }
            }
            if (who != null && !who.before.isEmpty()) {
                again.add(partition);
                continue;
            }
            asked.remove(partition);
            if (waiting.containsKey(partition)) {
                due.add(partition);
            }
        }
        if (!again.isEmpty()) {
            loop.schedule(AGAIN_MS, () -> {
                asked.removeAll(again);
                due.addAll(again);
                askSoon();
            });
        }
        askSoon();
        told.forEach(Asker::tellIfDone);
    }
}
