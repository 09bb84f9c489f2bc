package io.robustmq.journal;

import io.robustmq.journal.log.FlushPoint;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Places in the log that the high watermark may move to: where writes ended. Bounded: with many, every other is left out, so
 * that the high watermark moves in larger steps. Owned by the shard loop.
 */
final class VisiblePoints {
    private static final int COUNT_MAX = 1024;

    private final ArrayDeque<FlushPoint> points = new ArrayDeque<>();

    void add(FlushPoint point) {
        if (points.size() >= COUNT_MAX) {
            thin();
        }
        points.add(point);
    }

    /** The last place that is not beyond {@code offset}; null when there is none that was not taken before. */
    @Nullable
    FlushPoint takeUpTo(long offset) {
        FlushPoint last = null;
        for (FlushPoint next = points.peek(); next != null && next.endOffset() <= offset; next = points.peek()) {
            last = points.poll();
        }
        return last;
    }

    boolean isEmpty() {
        return points.isEmpty();
    }

    void clear() {
        points.clear();
    }

    private void thin() {
        int count = points.size();
        for (int i = 0; i < count; i++) {
            FlushPoint point = points.remove();
            if (i % 2 == 1) {
                points.add(point);
            }
        }
    }
}
