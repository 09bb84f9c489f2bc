package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.tier.TierSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The power is cut at each step on the way of a segment: into the store, into the manifest, off the disk, out of the log, out of
 * the store. Whatever is left of disk, store and manifest, everything acknowledged is there once, and nothing is in the
 * store that the manifest does not know.
 */
class TieredCrashTest {
    private static final int RECORDS = 70;
    private static final int OF_EACH_KIND = 3;
    private final LossyStore disk = new LossyStore(0);
    private final KeptObjects objects = new KeptObjects(disk, this::pass);
    private final SyncManifests manifests = new SyncManifests();
    private final Map<String, List<Left>> crashes = new TreeMap<>();
    private int acknowledged;
    private long start;

    /** What a crash leaves, and what was told before it. */
    private record Left(
            LossyStore disk, KeptObjects objects, SyncManifests manifests, int acknowledged, long startAsked) {}

    @Test
    void everythingIsReadOnceAndNothingIsLeftOverWhereverThePowerIsCut() throws Exception {
        disk.atEachPoint(this::pass);
        try (TieredHarness harness = new TieredHarness(
                disk,
                objects,
                command -> {
                    synchronized (disk) {
                        String step = command.getClass().getSimpleName();
                        pass(step.equals("Commit") ? "commit" : step.equals("Retire") ? "retire" : "ask");
                        manifests.submit(command);
                        pass(step.equals("Commit") ? "committed" : step.equals("Retire") ? "retired" : "answered");
                    }
                },
                TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            for (int i = 0; i < RECORDS; i++) {
                TieredJournalTest.fill(harness, i, 1);
                synchronized (disk) {
                    acknowledged = i + 1;
                }
            }
            harness.awaitStoredUpTo(50);
            synchronized (disk) {
                start = 33;
            }
            harness.deleteRecords(33);
            int before = objects.names().size();
            ReplicatedJournals.until(() -> {
                synchronized (disk) {
                    manifests.tick();
                }
                return objects.names().size() < before;
            });
        } finally {
            disk.atEachPoint(point -> {});
        }
        assertThat(crashes.keySet())
                .as("else this test would say nothing")
                .containsAll(CrashSteps.names(CrashSteps.OF_SEGMENTS));
        for (Map.Entry<String, List<Left>> each : crashes.entrySet()) {
            for (Left left : each.getValue()) {
                try {
                    check(left);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("after a crash at: " + each.getKey(), e);
                }
            }
        }
    }

    private void pass(String step) {
        synchronized (disk) {
            List<Left> left =
                    crashes.computeIfAbsent(CrashSteps.name(CrashSteps.OF_SEGMENTS, step), kind -> new ArrayList<>());
            if (left.size() < OF_EACH_KIND) {
                LossyStore rest = disk.onlyForced();
                left.add(new Left(rest, objects.copy(rest), manifests.next(), acknowledged, start));
            }
        }
    }

    private static void check(Left left) throws Exception {
        try (TieredHarness harness = new TieredHarness(left.disk, left.objects, left.manifests, TieredHarness.TOPIC)) {
            left.manifests.deletesIn(harness.tier);
            long logStart = harness.state().logStartOffset();
            int end = (int) harness.state().logEndOffset();
            assertThat(logStart).isLessThanOrEqualTo(left.startAsked);
            assertThat(end).isGreaterThanOrEqualTo(left.acknowledged);
            assertThat(harness.readFrom(logStart)).isEqualTo(TieredJournalTest.expected((int) logStart, end));
            TieredJournalTest.fill(harness, end, 5);
            ReplicatedJournals.until(() -> {
                left.manifests.tick();
                return left.objects.names().equals(referenced(left.manifests));
            });
            assertThat(harness.readFrom(logStart)).isEqualTo(TieredJournalTest.expected((int) logStart, end + 5));
        }
    }

    private static Set<String> referenced(SyncManifests manifests) {
        return manifests.known().stream()
                .map(TierSegment::objects)
                .flatMap(List::stream)
                .collect(Collectors.toSet());
    }
}
