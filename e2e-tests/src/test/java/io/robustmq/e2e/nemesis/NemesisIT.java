package io.robustmq.e2e.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.ecosystem.JavaProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Six faults, as a seed has them; {@code -Drobustmq.nemesis.minutes=N} goes on for so long, {@code -Drobustmq.nemesis.seed=N} takes another
 * seed. The page with what happened is in {@code target/nemesis}.
 */
class NemesisIT {
    private static final long SEED = Long.getLong("robustmq.nemesis.seed", 14L);
    private static final int MINUTES = Integer.getInteger("robustmq.nemesis.minutes", 0);
    /** Ends with the process that asked for it. */
    private static final List<String> NAMESPACES =
            List.of("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc");
    /** The same for who is not root, where that is allowed. */
    private static final List<String> OWN_NAMESPACES =
            List.of("unshare", "-r", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc");

    private static final String TRIAL = "ip link add one type veth peer name other"
            + " && tc qdisc replace dev one root pfifo limit 0 && mount -t tmpfs tmpfs /mnt";

    @Test
    @EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void nothingThatWasPromisedIsBrokenWhateverHappensToAMinority() {
        List<String> wrapper = wrapper();
        try (var run = JavaProgram.startIn(
                wrapper,
                NemesisRun.class,
                Long.toString(SEED),
                Integer.toString(MINUTES),
                wrapper.isEmpty() ? "loopback" : "namespaces")) {
            int exitCode = run.awaitEnd();
            System.out.println(run.output());
            assertThat(exitCode).as("seed %s: %s", SEED, run.output()).isZero();
        }
    }

    private static List<String> wrapper() {
        return List.of(OWN_NAMESPACES, NAMESPACES).stream()
                .filter(NemesisIT::isAllowed)
                .findFirst()
                .orElse(List.of());
    }

    private static boolean isAllowed(List<String> wrapper) {
        if (!CommandLine.isInstalled("unshare") || !CommandLine.isInstalled("nsenter")) {
            return false;
        }
        List<String> trial = new ArrayList<>(wrapper);
        trial.addAll(List.of("sh", "-c", TRIAL));
        return CommandLine.succeeds(trial);
    }
}
