package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The broker is killed by SIGKILL in each step that the server names on the way into the object store and out of it: some of them, as the
 * day's seed has it, and all with {@code -Pfull}. {@code -Dcrash.seed=N} takes another seed, {@code -Dcrash.points=A,B} those only.
 */
class StorageCrashPointIT {
    private static final boolean ALL = Boolean.getBoolean("robustmq.full");
    private static final String CHOSEN = System.getProperty("robustmq.crash.points", "");
    private static final int SAMPLE = 3;
    private static final int TIMES_MAX = 3;

    /** Of which there is one in a round. */
    private static final Set<String> ONCE = Set.of("PARTITION_CLEARED");

    /** On the way of a segment, of whichever topic. */
    private static final List<String> SEGMENT = List.of(
            "SIDE_FILE_UNNAMED",
            "SEGMENT_UNSEALED",
            "SEGMENT_STORED",
            "SIDE_STORED",
            "BEFORE_COMMIT",
            "COMMITTED",
            "TIER_FILE_WRITTEN",
            "LOCAL_LOG_DELETED",
            "START_FILE_WRITTEN",
            "BEFORE_RETIRE",
            "RETIRED",
            "OBJECT_DELETED",
            "OBJECTS_DELETED",
            "PARTITION_CLEARED");
    /** On the way of records that live in the store. */
    private static final List<String> PACK =
            List.of("PACK_BEFORE_PUT", "PACK_STORED", "REFERENCES_APPENDED", "PACKS_DELETED");

    private final long seed =
            Long.getLong("robustmq.crash.seed", LocalDate.now(ZoneOffset.UTC).toEpochDay());
    private final Path objects =
            Path.of("target", "crash-objects-" + ProcessHandle.current().pid()).toAbsolutePath();

    @Test
    void whatIsTieredIsThereOnceWhereverTheBrokerIsKilled() {
        try (var broker = BrokerProcess.named("crash-tiered")
                .set("remote.storage.store", "directory")
                .set("remote.storage.directory.path", objects.toString())
                .set("remote.storage.check.ms", "50")
                .set("remote.storage.chunk.bytes", "4096")
                .set("remote.storage.delete.delay.ms", "100")
                .set("remote.storage.sweep.interval.ms", "1000")
                .set("remote.storage.topic.partitions", "1")
                .start()) {
            Map<String, String> configs =
                    Map.of("remote.storage.enable", "true", "segment.bytes", "16384", "local.retention.bytes", "0");
            run(broker, configs, false, SEGMENT);
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    @Test
    void whatLivesInTheStoreIsThereOnceWhereverTheBrokerIsKilled() {
        try (var store = new ObjectStorage(BrokerProcess.HOST);
                var broker = BrokerProcess.named("crash-home")) {
            Map<String, String> settings = new HashMap<>(store.settings());
            settings.put("remote.storage.check.ms", "50");
            settings.put("remote.storage.delete.delay.ms", "100");
            settings.put("remote.storage.sweep.interval.ms", "1000");
            settings.put("remote.storage.topic.partitions", "1");
            // So that some of them may be gone and some not.
            settings.put("remote.storage.s3.bulk.delete", "false");
            settings.put("storage.linger.ms", "10");
            settings.put("storage.rewrite.ms", "500");
            settings.put("storage.sweep.interval.ms", "100");
            settings.forEach(broker::set);
            store.place(broker);
            broker.start();
            List<String> points = new ArrayList<>(PACK);
            points.addAll(SEGMENT);
            run(broker, Map.of("storage", "s3", "segment.bytes", "16384"), true, points);
        }
    }

    private void run(BrokerProcess broker, Map<String, String> configs, boolean home, List<String> possible) {
        Random random = new Random(seed);
        List<String> points = new ArrayList<>(possible);
        Collections.shuffle(points, random);
        if (!CHOSEN.isEmpty()) {
            points.retainAll(Arrays.asList(CHOSEN.split(",", -1)));
        } else if (!ALL) {
            points.subList(SAMPLE, points.size()).clear();
        }
        System.out.println(
                "crash points of " + (home ? "packs" : "segments") + ", -Dcrash.seed=" + seed + ": " + points);
        try (var rounds = new CrashRounds(broker, configs, home)) {
            for (String point : points) {
                int time = ONCE.contains(point) ? 1 : 1 + random.nextInt(TIMES_MAX);
                long began = System.nanoTime();
                try {
                    rounds.killAt(point, time);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("killed at " + point + ":" + time + ", -Dcrash.seed=" + seed, e);
                }
                System.out.println(point + ":" + time + " ms=" + (System.nanoTime() - began) / 1_000_000);
            }
            rounds.endsWhole();
        }
    }

    @Test
    void whatIsNoPointKeepsABrokerFromStartingAndEveryPointIsDriven() {
        Path data = Path.of("target", "brokers", "crash-nowhere").toAbsolutePath();
        List<String> options = new ArrayList<>(BrokerJar.quickStartOptions());
        options.add("-Drobustmq.crash.point=NOWHERE");
        List<String> command = BrokerJar.command(options, List.of("--role=all", "--data-dir", data.toString()));
        try (var broker = CommandLine.start(command)) {
            assertThat(broker.awaitExit()).as(broker::output).isEqualTo(2);
            String points = broker.output().strip();
            Set<String> driven = new HashSet<>(SEGMENT);
            driven.addAll(PACK);
            assertThat(Arrays.asList(
                            points.substring(points.indexOf("points are ") + 11).split(", ", -1)))
                    .containsExactlyInAnyOrderElementsOf(driven);
        }
    }
}
