package io.robustmq.journal.log;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.clean.BatchCleaner;
import io.robustmq.journal.clean.CleanPlan;
import io.robustmq.journal.clean.CleanPlanner;
import io.robustmq.journal.clean.CleanProgress;
import io.robustmq.journal.clean.KeyOffsets;
import io.robustmq.journal.clean.SealedSegment;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One compaction of a shard, in small steps. Made in the shard loop, stepped by one disk thread at a time.
 *
 * <pre>
 *   MARKERS ──► KEYS ──► GROUPS ⇄ swap ──► DONE
 * </pre>
 *
 * Groups are swapped from the beginning of the log on, so that a tombstone never goes, nor gets its horizon, before the
 * records that it hides are gone on disk.
 */
public final class CleanJob {
    private final SegmentStore store;
    private final String shard;
    private final TopicSettings settings;
    private final CleanPlan plan;
    private final KeyOffsets keys;
    private final Long2LongHashMap lastOfProducers;
    private final long nowMs;
    private final int decompressedBytesMax;
    private final MarkerScan markers;
    private final ArrayDeque<List<Segment>> groups = new ArrayDeque<>();
    private volatile List<Segment> segments;
    private @Nullable KeyScan keyScan;
    private @Nullable BatchCleaner cleaner;
    private @Nullable GroupRewriter rewriter;
    private @Nullable Swap swap;
    private long bytesMoved;

    CleanJob(
            SegmentStore store,
            String shard,
            TopicSettings settings,
            CleanPlan plan,
            ShardView view,
            KeyOffsets keys,
            Long2LongHashMap lastOfProducers,
            long durableOffset,
            long nowMs,
            int decompressedBytesMax) {
        this.store = store;
        this.shard = shard;
        this.settings = settings;
        this.plan = plan;
        this.keys = keys;
        this.lastOfProducers = lastOfProducers;
        this.nowMs = nowMs;
        this.decompressedBytesMax = decompressedBytesMax;
        this.segments = List.of(view.segments).subList(0, plan.segments());
        this.markers = new MarkerScan(view, plan.endOffset(), durableOffset);
    }

    /** What comes next. */
    public enum Next {
        STEP,
        /** {@link #swap} is to be committed and shown to readers; then step on. */
        SWAP,
        DONE
    }

    public Next step() throws IOException {
        if (cleaner == null) {
            prepare();
            return Next.STEP;
        }
        if (rewriter == null) {
            List<Segment> group = groups.poll();
            if (group == null) {
                CleanedFile.write(store, shard, progress());
                return Next.DONE;
            }
            rewriter = new GroupRewriter(store, shard, group, cleaner, settings.indexIntervalBytes());
        }
        int bytes = rewriter.step();
        bytesMoved += bytes;
        if (bytes > 0) {
            return Next.STEP;
        }
        swap = rewriter.finish();
        if (swap != null) {
            return Next.SWAP;
        }
        rewriter = null;
        return Next.STEP;
    }

    public Swap swap() {
        if (swap == null) {
            throw new IllegalStateException("nothing to swap");
        }
        return swap;
    }

    /** The swap is committed. */
    public void swapped() {
        rewriter = null;
        swap = null;
    }

    /** Gives up; what was swapped stays. Not after a swap was committed and before {@link #swapped}. */
    public void abandon() throws IOException {
        if (rewriter != null) {
            rewriter.abandon();
        }
    }

    List<Segment> segments() {
        return segments;
    }

    /** Read and written since the beginning. */
    public long bytesMoved() {
        return bytesMoved;
    }

    /** When done. */
    public CleanProgress progress() {
        if (cleaner == null || keyScan == null) {
            throw new IllegalStateException("not done");
        }
        return new CleanProgress(keyScan.endOffset(), cleaner.nextHorizonMs());
    }

    public CleanPlan plan() {
        return plan;
    }

    private void prepare() throws IOException {
        if (keyScan == null) {
            if (markers.step()) {
                keyScan = keyScan();
            }
            return;
        }
        int bytes = keyScan.step();
        bytesMoved += bytes;
        if (bytes > 0) {
            return;
        }
        cleaner = new BatchCleaner(
                keys,
                keyScan.endOffset(),
                markers.aborted(),
                lastOfProducers,
                nowMs,
                settings.compaction().deleteRetentionMs(),
                decompressedBytesMax);
        List<SealedSegment> sizes = new ArrayList<>();
        segments.forEach(segment -> sizes.add(segment.facts()));
        int from = 0;
        for (int count : CleanPlanner.groups(sizes, settings.segmentBytes())) {
            groups.add(segments.subList(from, from + count));
            from += count;
        }
    }

    /** Keys are taken up to the end of the last segment without records of a transaction that is not decided. */
    private KeyScan keyScan() {
        long end = markers.aborted().firstOpen(plan.endOffset());
        int count = segments.size();
        while (count > 0 && segments.get(count - 1).nextOffset() > end) {
            count--;
        }
        segments = segments.subList(0, count);
        end = count == 0 ? plan.dirtyOffset() : segments.get(count - 1).nextOffset();
        keys.clear();
        return new KeyScan(
                segments,
                markers.aborted(),
                keys,
                plan.dirtyOffset(),
                Math.max(end, plan.dirtyOffset()),
                decompressedBytesMax);
    }
}
