package io.robustmq.journal.clean;

import io.robustmq.core.config.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a shard is to be compacted now, how far, and which segments become one. Pure. */
public final class CleanPlanner {
    /** Tombstones that get their horizon grow by a few bytes each; positions in a segment are ints. */
    private static final long GROUP_BYTES_MAX = (long) (Integer.MAX_VALUE * 0.8);

    private CleanPlanner() {}

    /**
     * What is due, null when nothing is.
     *
     * @param segments all sealed ones, oldest first; the growing one is not among them
     * @param lastStable nothing from here on is touched
     */
    public static @Nullable CleanPlan plan(
            List<SealedSegment> segments,
            CleanProgress progress,
            long startOffset,
            long lastStable,
            TopicSettings.Compaction settings,
            long nowMs) {
        long clean = Math.max(progress.cleanOffset(), startOffset);
        int count = cleanable(segments, clean, lastStable, settings, nowMs);
        if (count == 0) {
            return null;
        }
        long end = segments.get(count - 1).nextOffset();
        long bytes = 0;
        long dirty = 0;
        long oldestMs = Long.MAX_VALUE;
        for (SealedSegment segment : segments.subList(0, count)) {
            bytes += segment.bytes();
            if (segment.nextOffset() > clean) {
                dirty += segment.bytes();
                oldestMs = Math.min(oldestMs, segment.oldestMs());
            }
        }
        String reason = reason(dirty, bytes, oldestMs, progress, settings, nowMs);
        return reason == null ? null : new CleanPlan(count, Math.min(clean, end), end, reason);
    }

    /** Runs of neighbours that fit one segment: how many segments each takes. */
    public static List<Integer> groups(List<SealedSegment> segments, long segmentBytes) {
        List<Integer> groups = new ArrayList<>();
        long bytesMax = Math.min(segmentBytes, GROUP_BYTES_MAX);
        int first = 0;
        long bytes = 0;
        for (int i = 0; i < segments.size(); i++) {
            SealedSegment segment = segments.get(i);
            boolean fits = bytes + segment.bytes() <= bytesMax
                    && segment.nextOffset() - segments.get(first).baseOffset() <= Integer.MAX_VALUE;
            if (i > first && !fits) {
                groups.add(i - first);
                first = i;
                bytes = 0;
            }
            bytes += segment.bytes();
        }
        if (first < segments.size()) {
            groups.add(segments.size() - first);
        }
        return groups;
    }

    private static int cleanable(
            List<SealedSegment> segments, long clean, long lastStable, TopicSettings.Compaction settings, long nowMs) {
        int count = 0;
        for (SealedSegment segment : segments) {
            boolean young = settings.minLagMs() > 0
                    && segment.nextOffset() > clean
                    && segment.maxTimestampMs() > nowMs - settings.minLagMs();
            if (segment.nextOffset() > lastStable || young) {
                return count;
            }
            count++;
        }
        return count;
    }

    private static @Nullable String reason(
            long dirty,
            long bytes,
            long oldestMs,
            CleanProgress progress,
            TopicSettings.Compaction settings,
            long nowMs) {
        if (dirty > 0 && dirty > settings.minDirtyRatio() * bytes) {
            return "dirty ratio";
        }
        if (dirty > 0 && oldestMs < nowMs - settings.maxLagMs()) {
            return "max lag";
        }
        return progress.nextHorizonMs() <= nowMs ? "delete horizon" : null;
    }
}
