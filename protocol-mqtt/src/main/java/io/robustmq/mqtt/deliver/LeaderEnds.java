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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks where partitions end that this node does not know by itself, for all who came until then at once. Who wants to know of one
 * whose leader does not answer waits until that, or another, does. Owned by its loop.
 */
public final class LeaderEnds {
    private static final int AGAIN_MS = 50;

    private final Journal journal;
    private final Loop loop;
    private final Predicate<Partition> given;
    private List<Asker> next = new ArrayList<>();
    private boolean asking;
    /** How many wait to know of a partition. */
    private final Map<Partition, Integer> waiting = new HashMap<>();

    /** Somebody, what he wants to know yet, and what he has been told. */
    private final class Asker {
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
            this.missing.forEach(partition -> waiting.merge(partition, 1, Integer::sum));
        }

        /** Waits no longer for those of which this holds. */
        private void removeIf(Predicate<Partition> known) {
            missing.removeIf(partition -> {
                boolean isKnown = known.test(partition);
                if (isKnown) {
                    waiting.computeIfPresent(partition, (each, count) -> count == 1 ? null : count - 1);
                }
                return isKnown;
            });
        }

        private void leave() {
            removeIf(partition -> true);
            isGone = true;
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
     * As of now or later; without those that {@code given} left out.
     *
     * @param counts whether a state is an answer; else it is asked for again
     * @return for who does not want to know any more
     */
    public Cancellable ask(
            Collection<Partition> partitions,
            Predicate<PartitionState> counts,
            Consumer<Map<Partition, PartitionState>> done) {
        Asker asker = new Asker(partitions, counts, done);
        next.add(asker);
        ask();
        return asker::leave;
    }

    private void ask() {
        if (asking || next.isEmpty()) {
            return;
        }
        List<Asker> mine = next;
        mine.removeIf(asker -> asker.isGone);
        next = new ArrayList<>();
        Set<Partition> all = new HashSet<>();
        for (Asker asker : mine) {
            asker.removeIf(given);
            all.addAll(asker.missing);
        }
        asking = true;
        journal.leaderStates(all, loop, states -> told(mine, states));
    }

    private void told(List<Asker> askers, Map<Partition, PartitionState> states) {
        List<Asker> again = new ArrayList<>();
        for (Asker asker : askers) {
            if (!tell(asker, states)) {
                again.add(asker);
            }
        }
        if (again.isEmpty()) {
            asking = false;
            ask();
            return;
        }
        // Who asked earlier of a partition is told earlier.
        next.addAll(0, again);
        loop.schedule(AGAIN_MS, () -> {
            asking = false;
            ask();
        });
    }

    /** Whether he has been told all that he wanted to know, or is gone. */
    private static boolean tell(Asker asker, Map<Partition, PartitionState> states) {
        if (asker.isGone) {
            return true;
        }
        asker.removeIf(partition -> {
            PartitionState state = states.get(partition);
            boolean isAnswer = state != null && asker.counts.test(state);
            if (isAnswer) {
                asker.told.put(partition, state);
            }
            return isAnswer;
        });
        boolean isDone = asker.missing.isEmpty();
        if (isDone) {
            asker.done.accept(asker.told);
        }
        return isDone;
    }
}
