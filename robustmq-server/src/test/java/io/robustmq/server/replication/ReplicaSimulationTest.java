package io.robustmq.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seeds are numbers from 1 on; {@code -Drobustmq.simulation.seeds=N} runs more of them. */
class ReplicaSimulationTest {
    private static final int SEEDS = Integer.getInteger("robustmq.simulation.seeds", 20);
    /** A fault is noticed long before. */
    private static final int FAULT_SEEDS = 240;

    private static final int STEPS = 4_000;

    @Test
    void nothingAcknowledgedIsLostWhateverHappensToOneNodeAtATime() {
        int acknowledged = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            acknowledged += run(seed, Fault.NONE);
        }
        assertThat(acknowledged).isGreaterThan(20 * SEEDS);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE"})
    void theSimulationNoticesABrokenReplica(Fault fault) {
        int noticed = 0;
        for (long seed = 1; seed <= FAULT_SEEDS && noticed == 0; seed++) {
            try {
                run(seed, fault);
            } catch (AssertionError expected) {
                noticed++;
            }
        }
        assertThat(noticed).as("runs in which %s was noticed", fault).isPositive();
    }

    private static int run(long seed, Fault fault) {
        try {
            ReplicaWorld world = new ReplicaWorld(seed, fault);
            world.run(STEPS);
            world.settle();
            return world.acknowledgedCount();
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
