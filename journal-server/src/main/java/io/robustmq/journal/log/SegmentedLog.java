package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.clean.CleanPlan;
import io.robustmq.journal.clean.CleanPlanner;
import io.robustmq.journal.clean.CleanProgress;
import io.robustmq.journal.clean.KeyOffsets;
import io.robustmq.journal.clean.SealedSegment;
import io.robustmq.journal.shard.AbortedRange;
import io.robustmq.journal.shard.ProducerTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A shard's log: segments in offset order, the last of which grows. Owned by the shard loop; readers get a
 * {@link ShardView}, flush threads a {@link FlushPoint}. The first segment is created by the first append.
 */
public final class SegmentedLog {
    private static final Segment[] NONE = new Segment[0];

    private final SegmentStore store;
    private final String shard;
    private final EpochHistory epochs;
    private final List<Segment> segments;
    private final List<Segment> unforced = new ArrayList<>();
    private final List<SealJob> sealJobs = new ArrayList<>();
    private TopicSettings settings;
    private CleanProgress cleaned = CleanProgress.NONE;
    private List<Segment> swapping = List.of();
    private Segment[] published = NONE;
    private long startOffset;
    private long localFloor;
    private long storedEnd = PartitionState.NOTHING_STORED;
    private long endOffset;
    private volatile FlushPoint written;
    private ShardView view;
    private ShardView whole;

    SegmentedLog(
            SegmentStore store,
            String shard,
            TopicSettings settings,
            EpochHistory epochs,
            List<Segment> segments,
            long startOffset,
            long endOffset) {
        this.store = store;
        this.shard = shard;
        this.settings = settings;
        this.epochs = epochs;
        this.segments = segments;
        this.startOffset = startOffset;
        this.endOffset = endOffset;
        this.published = segments.toArray(NONE);
        this.written = point();
        this.view = ShardView.unreadable(-1);
        Segment active = active();
        if (settings.isHome() && active != null) {
            active.fillUp();
        }
        this.whole = view;
    }

    public void settings(TopicSettings newSettings) {
        settings = newSettings;
    }

    /**
     * Whether {@code bytes} more do not fit the growing segment, or its time is over.
     *
     * @param waitingBytes that go into it before these, though they are not written yet
     */
    public boolean mustRoll(long waitingBytes, long bytes, long nowMs) {
        Segment active = active();
        if (active == null) {
            return true;
        }
        long occupied = active.payloadBytes() + waitingBytes;
        return occupied > 0
                && (occupied + bytes > settings.segmentBytes()
                        || nowMs - active.openedAtMs >= rollMs(active)
                        || endOffset - active.baseOffset > Integer.MAX_VALUE - waitingBytes - bytes);
    }

    /** Begins a new segment at the end. {@code producers} must be as of the end of the log. */
    public void roll(ProducerTable producers, long nowMs) throws IOException {
        SegmentFile file = store.create(shard, FileNames.name(endOffset, FileNames.LOG));
        Segment full = active();
        segments.add(new Segment(endOffset, file, new MemoryIndex(), nowMs));
        published = segments.toArray(NONE);
        if (full != null) {
            unforced.add(full);
            sealJobs.add(new SealJob(store, shard, full, endOffset, encodeProducers(producers), epochs.encode()));
        }
        written = point();
    }

    /** Borrows {@code buffers} with batches that have their offsets and fit the growing segment: one gathering write. */
    public void append(ByteBuf[] buffers, int count) throws IOException {
        Segment active = active();
        if (active == null) {
            throw new IllegalStateException("roll first");
        }
        active.file.append(buffers, count);
        for (int i = 0; i < count; i++) {
            active.added(buffers[i], settings.indexIntervalBytes());
            RecordBatch first = new RecordBatch(buffers[i], buffers[i].readerIndex());
            epochs.assign(first.leaderEpoch(), first.baseOffset());
        }
        endOffset = active.nextOffset();
        written = point();
    }

    /** What the last append aborted; before the readers see it. */
    public void addAborted(List<AbortedRange> ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            segments.get(segments.size() - 1).addAborted(ranges.get(i));
        }
    }

    /** Everything that is written. Any thread. */
    public FlushPoint written() {
        return written;
    }

    /** The point's force() succeeded. */
    public void forced(FlushPoint point) {
        if (!point.earlier().isEmpty()) {
            unforced.removeAll(point.earlier());
            written = point();
        }
    }

    /** What readers see when the high watermark is {@code visible} and no transaction is open. */
    public ShardView publish(FlushPoint visible, boolean leader, int leaderEpoch) {
        return publish(visible, leader, leaderEpoch, visible.endOffset());
    }

    /** What readers see when the high watermark is {@code visible}; keeps the log's part of the last view's tail. */
    public ShardView publish(FlushPoint visible, boolean leader, int leaderEpoch, long lastStableOffset) {
        view = next(view, visible, leader, leaderEpoch, lastStableOffset);
        return view;
    }

    /** What followers read: everything that is written. */
    public ShardView publishWhole(boolean leader, int leaderEpoch) {
        whole = next(whole, written, leader, leaderEpoch, endOffset);
        return whole;
    }

    private ShardView next(
            ShardView before, FlushPoint visible, boolean leader, int leaderEpoch, long lastStableOffset) {
        Segment[] all = published;
        int index = all.length - 1;
        while (index >= 0 && all[index] != visible.segment()) {
            index--;
        }
        int position = visible.position();
        long highWatermark = visible.endOffset();
        if (index < 0 && all.length > 0) {
            // The segment it was in is gone, or compacted: another begins at the high watermark.
            index = all.length - 1;
            while (index > 0 && all[index].baseOffset > highWatermark) {
                index--;
            }
            position = 0;
        }
        long stable = Math.max(startOffset, lastStableOffset);
        PartitionState state = new PartitionState(
                leader,
                leaderEpoch,
                startOffset,
                stable,
                highWatermark,
                endOffset,
                sizeInBytes(),
                localStart(),
                storedEnd);
        int beforeIndex = before.visibleSegment();
        boolean sameSegment = beforeIndex >= 0 && index >= 0 && before.segments[beforeIndex] == all[index];
        boolean moved = before.state().highWatermark() < highWatermark;
        long previousOffset = moved ? before.state().highWatermark() : before.previousOffset;
        int previousPosition = moved ? before.limit(Math.max(beforeIndex, 0)) : before.previousPosition;
        if (!sameSegment || previousOffset < startOffset) {
            previousPosition = -1;
        }
        return new ShardView(state, all, index, position, previousOffset, previousPosition);
    }

    public ShardView view() {
        return view;
    }

    /** Jobs to run in a disk thread, each answered by {@link #sealed} or {@link #sealFailed}. */
    public List<SealJob> takeSealJobs() {
        if (sealJobs.isEmpty()) {
            return List.of();
        }
        List<SealJob> jobs = List.copyOf(sealJobs);
        sealJobs.clear();
        return jobs;
    }

    public void sealed(SealJob job) {
        if (segments.contains(job.segment)) {
            job.segment.sealedIn(store, shard);
        }
    }

    public void sealFailed(SealJob job) {
        if (segments.contains(job.segment)) {
            sealJobs.add(job);
        }
    }

    /** Segments that retention lets go, now; they may be taken with {@link #removeBefore}. */
    public long retentionStart(long nowMs, long highWatermark) {
        return RetentionPlanner.newStart(segments, settings, nowMs, highWatermark, startOffset);
    }

    /** Where the oldest segment ends. */
    public long oldestSegmentEnd() {
        return segments.isEmpty() ? endOffset : segments.get(0).nextOffset();
    }

    /** Whether all of the growing segment is to go, so that a new one must begin first. */
    public boolean activeExpired(long newStart) {
        Segment active = active();
        return active != null && active.sizeInBytes() > 0 && newStart >= active.nextOffset();
    }

    public void moveStart(long newStart) {
        startOffset = Math.max(startOffset, Math.min(newStart, endOffset));
    }

    /** Takes out the segments that end at or before the log start, the growing one never. They are deleted by the job. */
    public @Nullable DeleteJob removeBefore() {
        List<Segment> gone = new ArrayList<>();
        while (segments.size() > 1
                && segments.get(0).nextOffset() <= Math.max(startOffset, localFloor)
                && !swapping.contains(segments.get(0))) {
            gone.add(segments.remove(0));
        }
        if (gone.isEmpty()) {
            return null;
        }
        gone.forEach(Segment::remove);
        published = segments.toArray(NONE);
        unforced.removeAll(gone);
        written = point();
        return new DeleteJob(store, shard, gone, segments.get(0));
    }

    /** The object store has the log up to there; {@link PartitionState#NOTHING_STORED} if nothing of it. */
    public void stored(long endOfStored) {
        storedEnd = endOfStored;
    }

    public long storedEnd() {
        return storedEnd;
    }

    /** Below it nothing need be here: the object store has it, and a {@link TierFile} says so. */
    public void moveLocalStart(long newStart) {
        localFloor = Math.max(localFloor, newStart);
    }

    /** From where on the log is here. */
    public long localStart() {
        return Math.max(startOffset, segments.isEmpty() ? localFloor : segments.get(0).baseOffset);
    }

    /** Where what is here would begin, by the topic's local retention; only what is stored goes. */
    public long localRetentionStart(long nowMs, long storedAndCommitted) {
        return LocalRetention.newStart(segments, settings.tiering(), nowMs, storedAndCommitted, localStart());
    }

    /** Whether all of the growing segment has outlived local retention: it is sealed, so that it can be stored. */
    public boolean activeOutlived(long nowMs) {
        Segment active = active();
        return active != null && active.sizeInBytes() > 0 && LocalRetention.isOld(active, settings.tiering(), nowMs);
    }

    /** Whether the growing segment was begun so long ago; the same after a restart. */
    public boolean activeIsOlder(long ageMs, long nowMs) {
        Segment active = active();
        return active != null && active.sizeInBytes() > 0 && nowMs - active.openedAtMs >= ageMs;
    }

    /** What the log refers to, all of it that is written. */
    public ReferenceScan references() {
        return new ReferenceScan(published);
    }

    /** Bytes of segments that begin at {@code offset} or behind it. */
    public long bytesFrom(long offset) {
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.baseOffset >= offset ? segment.sizeInBytes() : 0;
        }
        return bytes;
    }

    /**
     * What is to be stored next: nothing that ends at or before the log start, as nobody reads it and the store lets go of it at once.
     *
     * @param from where the store ends; -1: from the beginning of what is here
     * @param limit nothing behind it may be stored yet
     */
    public @Nullable TierSource nextToStore(long from, long limit, Payloads payloads) {
        long begin = Math.max(from, startOffset);
        for (int i = 0; i < segments.size() - 1; i++) {
            Segment segment = segments.get(i);
            boolean isDue = segment.sizeInBytes() > 0 && segment.nextOffset() > begin;
            if (isDue) {
                return segment.isSealed() && segment.nextOffset() <= limit
                        ? new TierSource(
                                store, shard, published, i, Math.max(begin, segment.baseOffset), epochs, payloads)
                        : null;
            }
        }
        return null;
    }

    /** What is to be compacted now, if anything. */
    public @Nullable CleanPlan cleanPlan(long nowMs, long lastStable) {
        return CleanPlanner.plan(sealed(), cleaned, startOffset, lastStable, settings.compaction(), nowMs);
    }

    /** The compaction that {@code plan} says; {@code durableOffset} is up to where a power cut takes nothing. */
    public CleanJob cleanJob(
            CleanPlan plan,
            KeyOffsets keys,
            Long2LongHashMap lastOfProducers,
            long durableOffset,
            long nowMs,
            int decompressedBytesMax) {
        return new CleanJob(
                store, shard, settings, plan, view, keys, lastOfProducers, durableOffset, nowMs, decompressedBytesMax);
    }

    /** Whether all that the job is about is still in the log. */
    public boolean holds(CleanJob job) {
        return segments.containsAll(job.segments());
    }

    /** Whether the swap may be committed; if so its inputs stay until {@link #swapEnded}. */
    public boolean beginSwap(Swap swap) {
        boolean holds = segments.containsAll(swap.inputs);
        swapping = holds ? swap.inputs : List.of();
        return holds;
    }

    public void swapEnded() {
        swapping = List.of();
    }

    /** Takes in what a committed swap made; the job deletes what it replaces, when readers see the new view. */
    public DeleteJob swapped(Swap swap) {
        swapEnded();
        int at = segments.indexOf(swap.inputs.get(0));
        segments.subList(at, at + swap.inputs.size()).clear();
        segments.add(at, swap.output);
        swap.inputs.forEach(Segment::remove);
        published = segments.toArray(NONE);
        unforced.removeAll(swap.inputs);
        written = point();
        return new DeleteJob(store, shard, swap.inputs, swap.output);
    }

    public void cleaned(CleanProgress progress) {
        cleaned = progress;
    }

    /** Whether the growing segment holds records that must be compacted by now. */
    public boolean activeOverdue(long nowMs) {
        Segment active = active();
        return active != null
                && active.sizeInBytes() > 0
                && active.openedAtMs < nowMs - settings.compaction().maxLagMs();
    }

    private List<SealedSegment> sealed() {
        List<SealedSegment> sealed = new ArrayList<>();
        for (int i = 0; i < segments.size() - 1 && segments.get(i).isSealed(); i++) {
            sealed.add(segments.get(i).facts());
        }
        return sealed;
    }

    /** The base offset of the segment that holds {@code offset}, or of the growing one when that lies behind all records. */
    public long segmentStart(long offset) {
        int i = segments.size() - 1;
        while (i > 0 && segments.get(i).baseOffset > offset) {
            i--;
        }
        return i < 0 ? startOffset : segments.get(i).baseOffset;
    }

    /** To be written, durably, before {@link #moveStart} when no segment boundary says so. */
    public StartFile startFile(long newStart) {
        return new StartFile(store, shard, newStart);
    }

    /** Forces everything and leaves what makes the next open short. The log is not used afterwards. */
    public void closeCleanly(ProducerTable producers) throws IOException {
        try {
            written.force();
            for (SealJob job : sealJobs) {
                job.run();
            }
            Segment active = active();
            if (active != null) {
                new SealJob(store, shard, active, endOffset, encodeProducers(producers), epochs.encode()).run();
            }
        } finally {
            close();
        }
    }

    /** Gives the files back as they are. */
    public void close() throws IOException {
        for (Segment segment : segments) {
            segment.close();
        }
    }

    public EpochHistory epochs() {
        return epochs;
    }

    public long startOffset() {
        return startOffset;
    }

    public long endOffset() {
        return endOffset;
    }

    public int segmentCount() {
        return segments.size();
    }

    public long sizeInBytes() {
        long bytes = 0;
        for (Segment segment : published) {
            bytes += segment.sizeInBytes();
        }
        return bytes;
    }

    /** Each segment takes another part of the jitter, so that not all are sealed at once. */
    private long rollMs(Segment segment) {
        long jitterMs = Math.min(settings.segmentJitterMs(), settings.rollMs());
        return settings.rollMs()
                - (jitterMs == 0 ? 0 : Math.floorMod(31L * shard.hashCode() + segment.baseOffset, jitterMs));
    }

    private @Nullable Segment active() {
        return segments.isEmpty() ? null : segments.get(segments.size() - 1);
    }

    private FlushPoint point() {
        Segment active = active();
        return new FlushPoint(
                endOffset,
                active,
                active == null ? 0 : active.sizeInBytes(),
                unforced.isEmpty() ? List.of() : List.copyOf(unforced));
    }

    private static byte[] encodeProducers(ProducerTable producers) {
        ByteBuf content = Unpooled.buffer();
        producers.write(content);
        return SideFile.frame(ProducerTable.VERSION, content);
    }
}
