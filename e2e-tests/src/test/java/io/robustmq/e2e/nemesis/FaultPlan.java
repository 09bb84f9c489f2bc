package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.BrokerCluster;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Which fault follows which, and whom it hits: the same for the same seed. Each comes once before any comes again. What is done to the object
 * store is mixed in by other random numbers, so that the other faults are what they were without one.
 */
final class FaultPlan {
    private static final int NODES = 3;
    private static final int HOLD_MS_MIN = 2_000;
    private static final int HOLD_MS_MAX = 4_000;

    private final Random random;
    private final Random storeRandom;
    private final List<Fault> possible;
    private final List<Fault> ofStore;
    private final Deque<Fault> deck = new ArrayDeque<>();

    /** @param seed of the numbers that tearing takes, so that nothing else of the plan depends on what happens */
    record Step(Fault fault, int victim, int other, int holdMs, long seed) {}

    FaultPlan(long seed, List<Fault> possible) {
        random = new Random(seed);
        storeRandom = new Random(~seed);
        this.possible = possible.stream().filter(fault -> !fault.ofStore).toList();
        this.ofStore = possible.stream().filter(fault -> fault.ofStore).toList();
    }

    Step next() {
        if (deck.isEmpty()) {
            List<Fault> shuffled = new ArrayList<>(possible);
            Collections.shuffle(shuffled, random);
            ofStore.forEach(fault -> shuffled.add(storeRandom.nextInt(shuffled.size() + 1), fault));
            deck.addAll(shuffled);
        }
        Fault fault = deck.remove();
        Random numbers = fault.ofStore ? storeRandom : random;
        int victim = 1 + numbers.nextInt(NODES);
        int other = 1 + (victim + numbers.nextInt(NODES - 1)) % NODES;
        int holdMs = HOLD_MS_MIN + numbers.nextInt(HOLD_MS_MAX - HOLD_MS_MIN);
        // Longer than it may be silent.
        int silentMs = fault.silences ? BrokerCluster.SESSION_MS : 0;
        return new Step(fault, victim, other, silentMs + holdMs, numbers.nextLong());
    }
}
