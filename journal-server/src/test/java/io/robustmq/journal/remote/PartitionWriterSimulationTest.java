package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code -Drobustmq.simulation.seeds=N} runs more seeds, and {@code -Drobustmq.simulation.seed=N} this one only. */
class PartitionWriterSimulationTest {
    private static final int CI_SEEDS = 4;
    private static final int SEEDS = Integer.getInteger("robustmq.simulation.seeds", CI_SEEDS);
    private static final long ONLY = Long.getLong("robustmq.simulation.seed", 0);
    private static final int STEPS = 3_000;

    @Test
    void whatIsPublishedIsThereInItsOrderAndOnceHoweverLeadersChange() {
        long acknowledged = 0;
        long first = ONLY == 0 ? 1 : ONLY;
        long last = ONLY == 0 ? SEEDS : ONLY;
        for (long seed = first; seed <= last; seed++) {
            acknowledged += run(seed);
        }
        assertThat(acknowledged).isGreaterThan(100 * (last - first + 1));
    }

    @Test
    void aSeedIsTheSameRunEachTime() {
        assertThat(run(7)).isEqualTo(run(7));
    }

    private static int run(long seed) {
        try (WriterWorld world = new WriterWorld(seed)) {
            return world.run(STEPS);
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
