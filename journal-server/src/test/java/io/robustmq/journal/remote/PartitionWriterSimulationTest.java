package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code -Drobustmq.simulation.seeds=N} runs more seeds, and {@code -Drobustmq.simulation.seed=N} this one only. */
class PartitionWriterSimulationTest {
    private static final int CI_SEEDS = 20;
    private static final int SEEDS = Integer.getInteger("robustmq.simulation.seeds", CI_SEEDS);
    private static final long ONLY = Long.getLong("robustmq.simulation.seed", 0);
    private static final int STEPS = 6_000;
    private static final int GIVEN_UP_MS = 60_000;

    private int looks;

    @Test
    void whatIsPublishedIsThereInItsOrderAndOnceHoweverLeadersChange() {
        long acknowledged = 0;
        long first = ONLY == 0 ? 1 : ONLY;
        long last = ONLY == 0 ? SEEDS : ONLY;
        for (long seed = first; seed <= last; seed++) {
            acknowledged += run(seed);
        }
        assertThat(acknowledged).isGreaterThan(50 * (last - first + 1));
        assertThat(looks).as("that somebody looked through the log").isGreaterThan(SEEDS);
    }

    @Test
    void aSeedIsTheSameRunEachTime() {
        assertThat(run(7)).isEqualTo(run(7));
    }

    /** Who asks would take this node for dead if it did not answer. */
    @Test
    void whoAsksIsAnsweredAlsoWhileNothingCanBeFenced() {
        try (WriterWorld world = new WriterWorld(1)) {
            world.nodes.forEach(node -> node.stands = true);
            world.publish();
            world.loop.advance(GIVEN_UP_MS);
            List<BrokerError> answers = new ArrayList<>();
            world.askWhetherSettled(result -> answers.add(result.error()));
            world.loop.advance(40_000);
            assertThat(answers).isEmpty();
            world.loop.advance(10_000);
            assertThat(answers).containsExactly(BrokerError.REQUEST_TIMED_OUT);
            world.askWhetherSettled(result -> answers.add(result.error()));
            world.run(0);
            assertThat(answers).containsExactly(BrokerError.REQUEST_TIMED_OUT, BrokerError.NONE);
        }
    }

    private int run(long seed) {
        try (WriterWorld world = new WriterWorld(seed)) {
            int acknowledged = world.run(STEPS);
            looks += world.looks();
            return acknowledged;
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
