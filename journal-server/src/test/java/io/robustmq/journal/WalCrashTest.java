package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The power goes at every point where the disk changes: nothing acknowledged is lost, nothing that was taken away comes
 * back, offsets stay dense.
 */
class WalCrashTest {
    /** More with {@code -Drobustmq.wal.seeds=1000}. */
    private static final int SEEDS = Integer.getInteger("robustmq.wal.seeds", 200);

    private static final int SEEDS_FOR_EVERY_POINT = 1000;
    private static final int ROUNDS = 3;
    private static final int POINTS_MAX = 500;

    /** Each must have been the last thing that happened before a crash. */
    private static final Set<String> MUST_BE_HIT = Set.of(
            "wal overwrite",
            "wal overwriten",
            "wal force",
            "wal forced",
            "log append",
            "log appendn",
            "log overwrite",
            "log overwriten",
            "log force",
            "log forced",
            "log truncate",
            "log truncated",
            "log replace",
            "log replaced",
            "index replaced",
            "any delete",
            "any deleted",
            "shard delete",
            "shard deleted");

    @Test
    void nothingAcknowledgedIsLostAndNothingComesBackWhereverThePowerGoes() throws Exception {
        Set<String> hit = new TreeSet<>();
        int checkpoints = 0;
        int replayed = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            WalSimulation simulation = new WalSimulation(random);
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    hit.add(simulation.runUntilPowerCut(1 + random.nextInt(POINTS_MAX)));
                    hit.addAll(simulation.recoverAndVerify());
                }
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
            checkpoints += simulation.checkpoints;
            replayed += simulation.recoveriesWithLog;
        }
        if (SEEDS >= SEEDS_FOR_EVERY_POINT) {
            assertThat(hit).containsAll(MUST_BE_HIT);
        }
        assertThat(checkpoints).as("files used again").isPositive();
        assertThat(replayed).as("recoveries with something to replay").isGreaterThan(SEEDS / 2);
    }
}
