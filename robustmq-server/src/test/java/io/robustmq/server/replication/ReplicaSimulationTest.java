package io.robustmq.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Seeds are numbers from 1 on; {@code -Drobustmq.simulation.seeds=N} runs more of them, the profile {@code nightly} 10,000, and
 * {@code -Drobustmq.simulation.seed=N} this one only.
 */
class ReplicaSimulationTest {
    private static final int CI_SEEDS = 200;
    private static final int SEEDS = Integer.getInteger("robustmq.simulation.seeds", CI_SEEDS);
    private static final long ONLY = Long.getLong("robustmq.simulation.seed", 0);

    private static final int STEPS = 4_000;

    @Test
    void nothingAcknowledgedIsLostWhateverHappensToOneNodeAtATime() {
        long acknowledged = 0;
        long first = ONLY == 0 ? 1 : ONLY;
        long last = ONLY == 0 ? SEEDS : ONLY;
        for (long seed = first; seed <= last; seed++) {
            acknowledged += run(seed, Fault.NONE);
        }
        assertThat(acknowledged).isGreaterThan(20 * (last - first + 1));
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE"})
    void theSimulationNoticesABrokenReplica(Fault fault) {
        long noticed = 0;
        for (long seed = 1; seed <= CI_SEEDS && noticed == 0; seed++) {
            try {
                run(seed, fault);
            } catch (AssertionError expected) {
                noticed = seed;
            }
        }
        assertThat(noticed).as("the seed that notices %s", fault).isPositive();
    }

    @Test
    void aSeedIsTheSameRunEachTime() {
        assertThat(run(7, Fault.NONE)).isEqualTo(run(7, Fault.NONE));
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
