package io.robustmq.journal.log;

import io.robustmq.core.config.TopicSettings;
import java.util.List;

/** Which segments have outlived the topic's retention. Pure. */
final class RetentionPlanner {
    private RetentionPlanner() {}

    /** The log start after whole segments went, oldest first; committed ones only. */
    static long newStart(
            List<Segment> segments, TopicSettings settings, long nowMs, long highWatermark, long startOffset) {
        long start = startOffset;
        if (!settings.deletes()) {
            return start;
        }
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.sizeInBytes();
        }
        for (Segment segment : segments) {
            boolean last = segment == segments.get(segments.size() - 1);
            boolean tooMuch = settings.retentionBytes() >= 0
                    && !last
                    && bytes - segment.sizeInBytes() >= settings.retentionBytes();
            if (segment.nextOffset() > highWatermark || segment.sizeInBytes() == 0) {
                return start;
            }
            if (!tooMuch && !isTooOld(segment, settings, nowMs)) {
                return start;
            }
            bytes -= segment.sizeInBytes();
            start = Math.max(start, segment.nextOffset());
        }
        return start;
    }

    private static boolean isTooOld(Segment segment, TopicSettings settings, long nowMs) {
        if (settings.retentionMs() < 0) {
            return false;
        }
        long newest = segment.maxTimestamp() >= 0 ? segment.maxTimestamp() : segment.openedAtMs;
        return nowMs - newest > settings.retentionMs();
    }
}
