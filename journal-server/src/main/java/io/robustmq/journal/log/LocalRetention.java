package io.robustmq.journal.log;

import io.robustmq.core.config.TopicSettings.Tiering;
import java.util.List;

/** Which segments need not be here any more, as the object store has them. Pure. */
final class LocalRetention {
    private LocalRetention() {}

    /**
     * Where what is here begins after whole segments went, oldest first.
     *
     * @param storedEnd up to where the store has the log, and all is committed
     */
    static long newStart(List<Segment> segments, Tiering tiering, long nowMs, long storedEnd, long localStart) {
        long start = localStart;
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.sizeInBytes();
        }
        for (int i = 0; i < segments.size() - 1; i++) {
            Segment segment = segments.get(i);
            boolean tooMuch = tiering.localRetentionBytes() >= 0
                    && bytes - segment.sizeInBytes() >= tiering.localRetentionBytes();
            if (segment.nextOffset() > storedEnd || (!tooMuch && !isOld(segment, tiering, nowMs))) {
                return start;
            }
            bytes -= segment.sizeInBytes();
            start = Math.max(start, segment.nextOffset());
        }
        return start;
    }

    static boolean isOld(Segment segment, Tiering tiering, long nowMs) {
        if (tiering.localRetentionMs() < 0) {
            return false;
        }
        long newest = segment.maxTimestamp() >= 0 ? segment.maxTimestamp() : segment.openedAtMs;
        return nowMs - newest > tiering.localRetentionMs();
    }
}
