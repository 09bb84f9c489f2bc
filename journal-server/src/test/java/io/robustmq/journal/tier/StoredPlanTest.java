package io.robustmq.journal.tier;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.tier.TierSegment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StoredPlanTest {
    private static final String PREFIX = "cluster/topic/0/";
    private static final List<TierSegment> STORED =
            List.of(segment(0, 10, 100), segment(10, 20, 200), segment(20, 30, 300));

    @Test
    void retentionByBytesCountsWhatIsStoredAndWhatIsNot() {
        assertThat(newStart(Map.of("retention.bytes", "2500"), 0, 500)).isEqualTo(10);
        assertThat(newStart(Map.of("retention.bytes", "2501"), 0, 500)).isZero();
        assertThat(newStart(Map.of("retention.bytes", "0"), 0, 500)).isEqualTo(30);
    }

    @Test
    void retentionByTimeTakesWholeSegmentsFromTheOldestOn() {
        assertThat(newStart(Map.of("retention.ms", "100"), 301, 0)).isEqualTo(20);
        assertThat(newStart(Map.of("retention.ms", "201"), 301, 0)).isZero();
        assertThat(newStart(Map.of("retention.ms", "-1"), 1_000_000, 0)).isZero();
    }

    @Test
    void whatNothingRefersToIsAnOrphan() {
        String live = name(20, 4, "x");
        List<String> names = List.of(
                STORED.get(2).logName(),
                STORED.get(2).sideName(),
                live + ".log",
                name(30, 5, "mine") + ".log",
                name(0, 2, "retired") + ".side",
                PREFIX + "something else");
        StoredPlan.Orphans first =
                StoredPlan.orphans(names, List.of(STORED.get(2)), name(30, 5, "mine"), 5, 20, Set.of());
        assertThat(first.names()).containsExactly(live + ".log");
        assertThat(first.suspects()).containsExactly(name(0, 2, "retired") + ".side");
        StoredPlan.Orphans second =
                StoredPlan.orphans(names, List.of(STORED.get(2)), name(30, 5, "mine"), 5, 20, first.suspects());
        assertThat(second.names()).contains(name(0, 2, "retired") + ".side");
    }

    @Test
    void nothingIsAnOrphanByAManifestThatIsOlderThanTheStore() {
        List<String> names = List.of(name(20, 4, "x") + ".log", name(30, 6, "later") + ".log");
        assertThat(StoredPlan.orphans(names, List.of(STORED.get(2)), "", 5, 20, Set.of())
                        .names())
                .isEmpty();
    }

    @Test
    void segmentsAreFoundByOffset() {
        assertThat(TierReads.indexOf(STORED, 0)).isZero();
        assertThat(TierReads.indexOf(STORED, 19)).isEqualTo(1);
        assertThat(TierReads.indexOf(STORED, 20)).isEqualTo(2);
        assertThat(TierReads.indexOf(STORED, 30)).isEqualTo(-1);
        assertThat(StoredPlan.endingAt(STORED, 20)).isEqualTo(STORED.get(1));
        assertThat(StoredPlan.endingAt(STORED, 21)).isNull();
    }

    private static long newStart(Map<String, String> configs, long nowMs, long restBytes) {
        return StoredPlan.newStart(STORED, TopicSettings.of(configs), nowMs, restBytes, 0);
    }

    private static TierSegment segment(long base, long end, long maxTimestamp) {
        return new TierSegment(base, end, maxTimestamp, 1_000, 50, 4, name(base, 4, "s"));
    }

    private static String name(long base, long term, String random) {
        return ObjectName.of(PREFIX, base, term, random);
    }
}
