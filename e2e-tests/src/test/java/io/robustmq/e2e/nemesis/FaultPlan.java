package io.robustmq.e2e.nemesis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** Which fault follows which, and whom it hits: the same for the same seed. Each comes once before any comes again. */
final class FaultPlan {
    private static final int NODES = 3;
    private static final int HOLD_MS_MIN = 2_000;
    private static final int HOLD_MS_MAX = 4_000;

    private final Random random;
    private final List<Fault> possible;
    private final Deque<Fault> deck = new ArrayDeque<>();

    /** @param seed of the numbers that tearing takes, so that nothing else of the plan depends on what happens */
    record Step(Fault fault, int victim, int other, int holdMs, long seed) {}

    FaultPlan(long seed, List<Fault> possible) {
        random = new Random(seed);
        this.possible = List.copyOf(possible);
    }

    Step next() {
        if (deck.isEmpty()) {
            List<Fault> shuffled = new ArrayList<>(possible);
            Collections.shuffle(shuffled, random);
            deck.addAll(shuffled);
        }
        int victim = 1 + random.nextInt(NODES);
        int other = 1 + (victim + random.nextInt(NODES - 1)) % NODES;
        int holdMs = HOLD_MS_MIN + random.nextInt(HOLD_MS_MAX - HOLD_MS_MIN);
        Fault fault = deck.remove();
        // Longer than it may be silent.
        int silentMs = fault.silences ? NemesisRun.SESSION_MS : 0;
        return new Step(fault, victim, other, silentMs + holdMs, random.nextLong());
    }
}
