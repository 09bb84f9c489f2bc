package io.robustmq.mqtt.deliver;

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
    private int waiting;

    /** Somebody, what he wants to know yet, and what he has been told. */
    private static final class Asker {
        private final Set<Partition> missing;
        private final Map<Partition, PartitionState> told = new HashMap<>();
        private final Consumer<Map<Partition, PartitionState>> done;

        private Asker(Collection<Partition> missing, Consumer<Map<Partition, PartitionState>> done) {
            this.missing = new HashSet<>(missing);
            this.done = done;
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
        return waiting == 0;
    }

    /** What nobody needs to be asked for: the partition is led here, and nobody waits who asked before. A follower hears late what is committed. */
    public @Nullable PartitionState ledHere(Partition partition) {
        PartitionState state = isIdle() ? journal.state(partition) : null;
        return state != null && state.leader() ? state : null;
    }

    /** As of now or later; without those that {@code given} left out. */
    public void ask(Collection<Partition> partitions, Consumer<Map<Partition, PartitionState>> done) {
        waiting++;
        next.add(new Asker(partitions, done));
        ask();
    }

    private void ask() {
        if (asking || next.isEmpty()) {
            return;
        }
        List<Asker> mine = next;
        next = new ArrayList<>();
        Set<Partition> all = new HashSet<>();
        for (Asker asker : mine) {
            asker.missing.removeIf(given);
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

    /** Whether he has been told all that he wanted to know. */
    private boolean tell(Asker asker, Map<Partition, PartitionState> states) {
        asker.missing.removeIf(partition -> {
            PartitionState state = states.get(partition);
            if (state != null) {
                asker.told.put(partition, state);
            }
            return state != null;
        });
        boolean isDone = asker.missing.isEmpty();
        if (isDone) {
            waiting--;
            asker.done.accept(asker.told);
        }
        return isDone;
    }
}
