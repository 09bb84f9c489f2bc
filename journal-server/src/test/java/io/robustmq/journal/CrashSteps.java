package io.robustmq.journal;

import io.robustmq.core.fault.CrashPoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What disk, store and manifest of a test call their steps, and the points at which a process is killed in the same step. A test without
 * a process cuts the power there, besides at steps that have no name.
 */
final class CrashSteps {
    /** On the way of a segment. */
    static final Map<String, CrashPoint> OF_SEGMENTS = Map.ofEntries(
            Map.entry("index replace", CrashPoint.SIDE_FILE_UNNAMED),
            Map.entry(".log is to be stored", CrashPoint.SEGMENT_UNSEALED),
            Map.entry(".log stored", CrashPoint.SEGMENT_STORED),
            Map.entry(".side stored", CrashPoint.SIDE_STORED),
            Map.entry("commit", CrashPoint.BEFORE_COMMIT),
            Map.entry("committed", CrashPoint.COMMITTED),
            Map.entry("tier replaced", CrashPoint.TIER_FILE_WRITTEN),
            Map.entry("any deleted", CrashPoint.LOCAL_LOG_DELETED),
            Map.entry("start replaced", CrashPoint.START_FILE_WRITTEN),
            Map.entry("retire", CrashPoint.BEFORE_RETIRE),
            Map.entry("retired", CrashPoint.RETIRED),
            Map.entry("object deleted", CrashPoint.OBJECT_DELETED),
            Map.entry("objects deleted", CrashPoint.OBJECTS_DELETED));
    /** On the way of records that live in the store, into a segment's objects and further. */
    static final Map<String, CrashPoint> OF_PACKS = with(
            OF_SEGMENTS,
            Map.of(
                    "pack is to be stored", CrashPoint.PACK_BEFORE_PUT,
                    "pack stored", CrashPoint.PACK_STORED,
                    "log appendn", CrashPoint.REFERENCES_APPENDED,
                    "packs deleted", CrashPoint.PACKS_DELETED));

    /** What both tests leave out: a partition that is gone is no more to be read. */
    static final Set<CrashPoint> ELSEWHERE = Set.of(CrashPoint.PARTITION_CLEARED);

    private CrashSteps() {}

    private static Map<String, CrashPoint> with(Map<String, CrashPoint> some, Map<String, CrashPoint> more) {
        Map<String, CrashPoint> all = new HashMap<>(some);
        all.putAll(more);
        return Map.copyOf(all);
    }

    /** As the point is called, if the step is one. */
    static String name(Map<String, CrashPoint> points, String step) {
        CrashPoint point = points.get(step);
        return point == null ? step : point.name();
    }

    static Set<String> names(Map<String, CrashPoint> points) {
        return points.values().stream().map(CrashPoint::name).collect(Collectors.toSet());
    }
}
