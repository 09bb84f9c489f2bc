package io.robustmq.e2e.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.ecosystem.JavaProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Each fault once, in the order that the day's seed has them; {@code -Dnemesis.minutes=N} goes on for so long, {@code -Dnemesis.seed=N}
 * takes another seed, {@code -Dnemesis.faults=KILL,TEAR} those faults only. The page with what happened is in {@code target/nemesis}.
 */
class NemesisIT {
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
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void nothingThatWasPromisedIsBrokenWhateverHappensToAMinority() throws IOException {
        long seed = Long.getLong(
                "robustmq.nemesis.seed", LocalDate.now(ZoneOffset.UTC).toEpochDay());
        List<String> wrapper = wrapper();
        List<String> arguments = new ArrayList<>(List.of(
                Long.toString(seed),
                Integer.toString(MINUTES),
                wrapper.isEmpty() ? "loopback" : "namespaces",
                Boolean.toString(Boolean.getBoolean("robustmq.full"))));
        arguments.addAll(
                Arrays.stream(System.getProperty("robustmq.nemesis.faults", "").split(",", -1))
                        .filter(name -> !name.isBlank())
                        .toList());
        try (var run = JavaProgram.startIn(wrapper, heapMb(), NemesisRun.class, arguments.toArray(String[]::new))) {
            int exitCode = run.awaitEnd();
            Path log = Files.createDirectories(Path.of("target", "nemesis")).resolve("seed-" + seed + ".log");
            Files.writeString(log, run.output());
            String said = run.output()
                    .lines()
                    .filter(line -> line.startsWith(NemesisRun.SAYS))
                    .collect(Collectors.joining("\n"));
            System.out.println(said);
            assertThat(exitCode)
                    .as("-Dnemesis.seed=%s, see %s:%n%s", seed, log.toAbsolutePath(), said)
                    .isZero();
        }
    }

    /** The whole history is in memory. */
    private static int heapMb() {
        return 1024 + 100 * MINUTES;
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
