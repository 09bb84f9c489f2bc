package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.home.PackName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The power is cut at each step on the way of records that live in the object store: into a pack, the reference onto the disk, into
 * an object of their own, off the disk, out of the pack, out of the log. Whatever is left of disk, store and manifest, everything
 * acknowledged is there once, and when it has been looked nothing is in the store that nothing refers to.
 */
class HomeCrashTest {
    private static final int RECORDS = 70;
    private static final int OF_EACH_KIND = 3;
    private static final String PREFIX = "cluster/";
    private static final Map<String, String> TOPIC = Map.of("storage", "s3", "segment.bytes", "16384");
    private static final Map<String, String> CONFIG = Map.of(
            "storage.linger.ms",
            "1",
            "storage.pack.bytes",
            "4096",
            "storage.stream.bytes",
            "4096",
            "remote.storage.delete.delay.ms",
            "0");
    /** Steps without a name that it must come to, too. */
    private static final Set<String> STEPS =
            Set.of("log append", "log force", ".side is to be stored", "any delete", "pack deleted");

    private final LossyStore disk = new LossyStore(0);
    private final KeptObjects objects = store(disk, this::pass);
    private final SyncManifests manifests = new SyncManifests();
    private final Map<String, List<Left>> crashes = new TreeMap<>();
    private int acknowledged;
    private long start;

    /** What a crash leaves, and what was told before it. */
    private record Left(
            LossyStore disk, KeptObjects objects, SyncManifests manifests, int acknowledged, long startAsked) {}

    KeptObjects store(Object lock, Consumer<String> heard) {
        return new KeptObjects(lock, heard);
    }

    /** Those that there are besides. */
    Set<String> stepsOfStore() {
        return Set.of();
    }

    @Test
    void everythingIsReadOnceAndNothingIsLeftOverWhereverThePowerIsCut() throws Exception {
        disk.atEachPoint(this::pass);
        try (TieredHarness harness = new TieredHarness(disk, objects, this::submit, TOPIC, CONFIG);
                Sweeps sweeps = new Sweeps(harness)) {
            manifests.deletesIn(harness.tier);
            for (int i = 0; i < RECORDS; i++) {
                TieredJournalTest.fill(harness, i, 1);
                synchronized (disk) {
                    acknowledged = i + 1;
                }
                assertThat(sweeps.sweep().hindrance()).isEmpty();
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
            sweeps.sweep();
            sweeps.sweep();
        } finally {
            disk.atEachPoint(point -> {});
        }
        assertThat(crashes.keySet())
                .as("else this test would say nothing")
                .containsAll(CrashSteps.names(CrashSteps.OF_PACKS))
                .containsAll(STEPS)
                .containsAll(stepsOfStore());
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

    @Test
    void noNamedPointIsLeftOut() {
        Set<CrashPoint> cut = EnumSet.copyOf(CrashSteps.OF_PACKS.values());
        cut.addAll(CrashSteps.ELSEWHERE);
        assertThat(cut).isEqualTo(EnumSet.allOf(CrashPoint.class));
    }

    private void submit(TierCommand.OfPartition command) {
        synchronized (disk) {
            String step = command.getClass().getSimpleName();
            pass(step.equals("Commit") ? "commit" : step.equals("Retire") ? "retire" : "ask");
            manifests.submit(command);
            pass(step.equals("Commit") ? "committed" : step.equals("Retire") ? "retired" : "answered");
        }
    }

    private void pass(String step) {
        synchronized (disk) {
            List<Left> left =
                    crashes.computeIfAbsent(CrashSteps.name(CrashSteps.OF_PACKS, step), kind -> new ArrayList<>());
            if (left.size() < OF_EACH_KIND) {
                LossyStore rest = disk.onlyForced();
                left.add(new Left(rest, objects.copy(rest), manifests.next(), acknowledged, start));
            }
        }
    }

    private static void check(Left left) throws Exception {
        try (TieredHarness harness = new TieredHarness(left.disk, left.objects, left.manifests, TOPIC, CONFIG);
                Sweeps sweeps = new Sweeps(harness)) {
            left.manifests.deletesIn(harness.tier);
            long logStart = harness.state().logStartOffset();
            int end = (int) harness.state().logEndOffset();
            assertThat(logStart).isLessThanOrEqualTo(left.startAsked);
            assertThat(end).isGreaterThanOrEqualTo(left.acknowledged);
            assertThat(harness.readFrom(logStart)).isEqualTo(TieredJournalTest.expected((int) logStart, end));
            TieredJournalTest.fill(harness, end, 5);
            ReplicatedJournals.until(() -> {
                left.manifests.tick();
                return sweep(sweeps) && left.objects.names().equals(referenced(left.manifests, harness));
            });
            assertThat(harness.readFrom(logStart)).isEqualTo(TieredJournalTest.expected((int) logStart, end + 5));
        }
    }

    private static boolean sweep(Sweeps sweeps) {
        try {
            return sweeps.sweep().hindrance().isEmpty();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> referenced(SyncManifests manifests, TieredHarness harness) {
        Set<String> referenced = new HashSet<>();
        manifests.known().stream().map(TierSegment::objects).forEach(referenced::addAll);
        CompletableFuture<Set<PackName>> live = new CompletableFuture<>();
        harness.journal.livePacks(JournalHarness.ORDERS, live::complete);
        try {
            for (PackName pack : live.get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS)) {
                referenced.add(pack.object(PREFIX));
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return referenced;
    }
}
