package io.robustmq.server.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The clock, chance, what is still to happen, and the network. Everything runs in the test's thread. */
final class World {
    /** Where the metadata are decided. */
    static final int META = 0;
    /** Where clients are. */
    static final int CLIENTS = -1;

    private static final int LATENCY_MS = 8;
    private static final long START_MS = 1_700_000_000_000L;

    final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            Comparator.comparingLong(Event::at).thenComparingInt(Event::rank).thenComparingLong(Event::order));
    /** Until when nothing comes to a node or from it; by node, and whether that concerns the metadata alone. */
    private final Map<Integer, Cut> cuts = new HashMap<>();

    long now;
    boolean calm;
    private long order;
    private @Nullable String violation;
    private final List<String> notes = new ArrayList<>();
    private final boolean takesNotes;

    private record Event(long at, int rank, long order, Runnable action) {}

    private record Cut(long untilMs, boolean metaOnly) {}

    /** @param takesNotes whether to remember what happens, for who looks into one run */
    World(long seed, boolean takesNotes) {
        this.random = new Random(seed);
        this.takesNotes = takesNotes;
    }

    void note(Supplier<String> what) {
        if (takesNotes) {
            notes.add(now + " " + what.get());
        }
    }

    List<String> notes() {
        return notes;
    }

    long wallMs() {
        return START_MS + now;
    }

    void later(long ms, Runnable action) {
        later(ms, 0, action);
    }

    /** Of what happens in the same moment, that with the lowest rank comes first. */
    void later(long ms, int rank, Runnable action) {
        events.add(new Event(now + ms, rank, order++, action));
    }

    void step() {
        Event next = events.remove();
        now = Math.max(now, next.at);
        next.action.run();
        String broken = violation;
        if (broken != null) {
            throw new AssertionError(broken);
        }
    }

    /** Something is not as it must be. The product catches what its callbacks throw, so it is kept until the step is over. */
    void violated(String what) {
        if (violation == null) {
            violation = what;
        }
    }

    boolean chance(int oneIn) {
        return !calm && random.nextInt(oneIn) == 0;
    }

    // ---- the network

    void cutOff(int node, long ms, boolean metaOnly) {
        note(() -> "cut off: node " + node + " for " + ms + " ms, from the metadata alone: " + metaOnly);
        cuts.put(node, new Cut(now + ms, metaOnly));
    }

    boolean isCutOff(int node) {
        Cut cut = cuts.get(node);
        return cut != null && cut.untilMs > now;
    }

    private boolean isCut(int from, int to) {
        return !calm && (isCutFrom(from, to) || isCutFrom(to, from));
    }

    private boolean isCutFrom(int node, int other) {
        Cut cut = cuts.get(node);
        return cut != null && cut.untilMs > now && (!cut.metaOnly || other == META);
    }

    /** May come never, late, twice, or after what was sent later. */
    void send(int from, int to, Runnable arrival) {
        sendOnce(from, to, arrival);
        if (chance(20)) {
            arrive(from, to, 1 + random.nextInt(random.nextInt(4) > 0 ? 5 * LATENCY_MS : 60 * LATENCY_MS), arrival);
        }
    }

    /** The same, but not twice. */
    void sendOnce(int from, int to, Runnable arrival) {
        if (!chance(20)) {
            arrive(from, to, 1 + random.nextInt(longestMs()), arrival);
        }
    }

    private int longestMs() {
        int dice = calm ? 0 : random.nextInt(40);
        return dice == 1 ? 80 * LATENCY_MS : dice == 2 ? 20 * LATENCY_MS : LATENCY_MS;
    }

    private void arrive(int from, int to, int ms, Runnable arrival) {
        if (!isCut(from, to)) {
            later(ms, () -> {
                if (!isCut(from, to)) {
                    arrival.run();
                }
            });
        }
    }
}
