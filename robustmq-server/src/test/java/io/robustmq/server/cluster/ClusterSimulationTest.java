package io.robustmq.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Seeds are numbers from 1 on; {@code -Drobustmq.simulation.seeds=N} runs more of them, the profile {@code nightly} 10,000, and
 * {@code -Drobustmq.simulation.seed=N} this one only, and tells what happened in it.
 */
class ClusterSimulationTest {
    private static final int CI_SEEDS = 200;
    private static final int SEEDS = Integer.getInteger("robustmq.simulation.seeds", CI_SEEDS);
    private static final long ONLY = Long.getLong("robustmq.simulation.seed", 0);

    static final long RUN_MS = 8_000;

    /** What the product logs as an error is a violation; the rest is thousands of faults that are meant. */
    private final ErrorWatch errors = new ErrorWatch();

    @BeforeEach
    void watch() {
        errors.begin();
    }

    @AfterEach
    void watchNoMore() {
        errors.end();
    }

    @Test
    void whatCoordinatorsToldSurvivesWhateverHappensToNodes() {
        Work done = Work.NONE;
        long first = ONLY == 0 ? 1 : ONLY;
        long last = ONLY == 0 ? SEEDS : ONLY;
        for (long seed = first; seed <= last; seed++) {
            done = done.and(run(seed, Defect.NONE));
        }
        // Else this test proves nothing.
        long runs = last - first + 1;
        assertThat(done.sessionChanges()).isGreaterThan(50 * runs);
        assertThat(done.transactions()).isGreaterThan(2 * runs);
        assertThat(done.groupCommits()).isGreaterThan(20 * runs);
        assertThat(done.accepted()).isGreaterThan(10 * runs);
    }

    /** What was answered. */
    private record Work(long sessionChanges, long transactions, long groupCommits, long accepted, long acknowledged) {
        private static final Work NONE = new Work(0, 0, 0, 0, 0);

        private static Work of(SimCluster cluster) {
            return new Work(
                    cluster.sessions.answered,
                    cluster.transactions.commits,
                    cluster.groups.commits,
                    cluster.shares.accepted,
                    cluster.acknowledgedCount());
        }

        private Work and(Work more) {
            return new Work(
                    sessionChanges + more.sessionChanges,
                    transactions + more.transactions,
                    groupCommits + more.groupCommits,
                    accepted + more.accepted,
                    acknowledged + more.acknowledged);
        }
    }

    @Test
    void aSeedIsTheSameRunEachTime() {
        assertThat(run(7, Defect.NONE)).isEqualTo(run(7, Defect.NONE));
    }

    @ParameterizedTest
    @EnumSource(
            value = Defect.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE"})
    void theSimulationNoticesABrokenCoordinator(Defect defect) {
        long noticed = 0;
        for (long seed = 1; seed <= CI_SEEDS && noticed == 0; seed++) {
            try {
                run(seed, defect);
            } catch (AssertionError expected) {
                noticed = seed;
            }
        }
        assertThat(noticed).as("the seed that notices %s", defect).isPositive();
    }

    private Work run(long seed, Defect defect) {
        SimCluster cluster = new SimCluster(seed, defect, ONLY != 0);
        errors.tell(cluster.world::violated);
        try {
            cluster.run(RUN_MS);
            cluster.settle();
            return Work.of(cluster);
        } catch (AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + " after " + cluster.world.now + " ms: " + e.getMessage() + told(cluster), e);
        }
    }

    private static String told(SimCluster cluster) {
        List<String> notes = cluster.world.notes();
        return notes.isEmpty() ? "" : "\n" + String.join("\n", notes);
    }
}
