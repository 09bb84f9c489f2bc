package io.robustmq.journal.clean;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.TopicSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CleanPlannerTest {
    private static final long NOW = 1_000_000;
    private static final long OLD = 10_000;

    /** Three segments of 100 offsets and 1,000 bytes each, the newest written just now. */
    private static final List<SealedSegment> LOG =
            List.of(segment(0, OLD), segment(100, OLD + 1_000), segment(200, NOW - 10));

    @Test
    void everythingIsDirtyAtFirst() {
        assertThat(plan(LOG, progress(0), 300, Map.of())).isEqualTo(new CleanPlan(3, 0, 300, "dirty ratio"));
    }

    @Test
    void nothingIsDueBelowTheDirtyRatio() {
        Map<String, String> half = Map.of("min.cleanable.dirty.ratio", "0.5");
        assertThat(plan(LOG, progress(200), 300, half)).isNull();
        assertThat(plan(LOG, progress(199), 300, half)).isEqualTo(new CleanPlan(3, 199, 300, "dirty ratio"));
    }

    @Test
    void atRatioZeroAnyDirtyByteIsEnoughAndNoneIsNot() {
        Map<String, String> any = Map.of("min.cleanable.dirty.ratio", "0");
        assertThat(plan(LOG, progress(299), 300, any)).isEqualTo(new CleanPlan(3, 299, 300, "dirty ratio"));
        assertThat(plan(LOG, progress(300), 300, any)).isNull();
    }

    @Test
    void segmentsThatReachBeyondTheLastStableOffsetStay() {
        assertThat(plan(LOG, progress(0), 299, Map.of())).isEqualTo(new CleanPlan(2, 0, 200, "dirty ratio"));
        assertThat(plan(LOG, progress(0), 99, Map.of())).isNull();
    }

    @Test
    void segmentsWithYoungRecordsStayAndSoDoesWhatFollowsThem() {
        assertThat(plan(LOG, progress(0), 300, Map.of("min.compaction.lag.ms", "11")))
                .isEqualTo(new CleanPlan(2, 0, 200, "dirty ratio"));
        assertThat(plan(LOG, progress(0), 300, Map.of("min.compaction.lag.ms", "10")))
                .isEqualTo(new CleanPlan(3, 0, 300, "dirty ratio"));
        List<SealedSegment> mixed = List.of(segment(0, NOW), segment(100, OLD));
        assertThat(plan(mixed, progress(0), 300, Map.of("min.compaction.lag.ms", "1")))
                .isNull();
        assertThat(plan(mixed, progress(100), 300, Map.of("min.compaction.lag.ms", "1")))
                .as("what is clean already is not young any more")
                .isEqualTo(null);
        assertThat(plan(
                        mixed,
                        progress(100),
                        300,
                        Map.of("min.compaction.lag.ms", "1", "min.cleanable.dirty.ratio", "0.4")))
                .isEqualTo(new CleanPlan(2, 100, 200, "dirty ratio"));
    }

    @Test
    void oldDirtyRecordsAreDueAtAnyRatio() {
        Map<String, String> never = Map.of("min.cleanable.dirty.ratio", "1");
        Map<String, String> lag = Map.of("min.cleanable.dirty.ratio", "1", "max.compaction.lag.ms", "1000");
        assertThat(plan(LOG, progress(100), 300, never)).isNull();
        assertThat(plan(LOG, progress(100), 300, lag)).isEqualTo(new CleanPlan(3, 100, 300, "max lag"));
        assertThat(plan(LOG, progress(200), 300, lag)).as("only young ones").isNull();
    }

    @Test
    void passedHorizonIsDueThoughNothingIsDirty() {
        assertThat(plan(LOG, new CleanProgress(300, NOW), 300, Map.of()))
                .isEqualTo(new CleanPlan(3, 300, 300, "delete horizon"));
        assertThat(plan(LOG, new CleanProgress(300, NOW + 1), 300, Map.of())).isNull();
    }

    @Test
    void logStartAfterDeletedRecordsCountsAsClean() {
        assertThat(CleanPlanner.plan(LOG, progress(0), 250, 300, compaction(Map.of()), NOW))
                .isNull();
    }

    @Test
    void neighboursAreJoinedWhileTheyFitOneSegment() {
        assertThat(CleanPlanner.groups(LOG, 3_000)).containsExactly(3);
        assertThat(CleanPlanner.groups(LOG, 2_999)).containsExactly(2, 1);
        assertThat(CleanPlanner.groups(LOG, 1)).containsExactly(1, 1, 1);
        assertThat(CleanPlanner.groups(List.of(), 1)).isEmpty();
        List<SealedSegment> far = List.of(
                new SealedSegment(0, 100, 10, OLD, OLD), new SealedSegment(100, Integer.MAX_VALUE + 1L, 10, OLD, OLD));
        assertThat(CleanPlanner.groups(far, 3_000))
                .as("offsets are relative to the base, in an int")
                .containsExactly(1, 1);
    }

    private static CleanPlan plan(
            List<SealedSegment> segments, CleanProgress progress, long lastStable, Map<String, String> configs) {
        return CleanPlanner.plan(segments, progress, 0, lastStable, compaction(configs), NOW);
    }

    private static TopicSettings.Compaction compaction(Map<String, String> configs) {
        return TopicSettings.of(configs).compaction();
    }

    private static CleanProgress progress(long cleanOffset) {
        return new CleanProgress(cleanOffset, Long.MAX_VALUE);
    }

    private static SealedSegment segment(long base, long newestMs) {
        return new SealedSegment(base, base + 100, 1_000, newestMs, NOW);
    }
}
