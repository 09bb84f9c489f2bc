package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.journal.shard.AbortedRange;
import io.robustmq.journal.shard.ProducerTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a shard's log: trusts what the index files vouch for, scans the rest, cuts at the first bad batch, drops what lies
 * behind a cut, and rebuilds the producer table. Used once, by a disk thread; what it returns is durable to its end.
 */
public final class LogOpener {
    private static final Logger LOG = LoggerFactory.getLogger(LogOpener.class);

    private final SegmentStore store;
    private final String shard;
    private final TopicSettings settings;
    private final ProducerTable producers;
    private final long nowMs;
    private final boolean committed;
    private final EpochHistory epochs = new EpochHistory();
    private final List<Segment> segments = new ArrayList<>();
    private final IdentityHashMap<Segment, Long> untrustedFrom = new IdentityHashMap<>();
    private long replayFrom = Long.MAX_VALUE;
    private List<String> names = List.of();
    private @Nullable TierFile tier;
    private boolean touched;

    /** Of a partition with one replica: what is in the log is committed. */
    public LogOpener(SegmentStore store, String shard, TopicSettings settings, ProducerTable producers, long nowMs) {
        this(store, shard, settings, producers, nowMs, true);
    }

    /**
     * @param producers empty; filled from the log
     * @param committed whether all that is found is
     */
    public LogOpener(
            SegmentStore store,
            String shard,
            TopicSettings settings,
            ProducerTable producers,
            long nowMs,
            boolean committed) {
        this.store = store;
        this.shard = shard;
        this.settings = settings;
        this.producers = producers;
        this.nowMs = nowMs;
        this.committed = committed;
    }

    public SegmentedLog open() throws IOException {
        names = store.list(shard);
        checkVersions();
        names = SwapRecovery.resolve(store, shard, names);
        long start = names.contains(FileNames.START_FILE) ? StartFile.read(store, shard) : 0;
        tier = names.contains(FileNames.TIER_FILE) ? TierFile.read(store, shard) : null;
        if (names.contains(FileNames.EPOCHS_FILE)) {
            readEpochs();
        }
        try {
            openSegments();
            return finish(start);
        } catch (IOException | RuntimeException e) {
            for (Segment segment : segments) {
                segment.close();
            }
            throw e;
        }
    }

    private SegmentedLog finish(long startFile) throws IOException {
        TierFile stored = tier;
        long floor = stored == null ? startFile : Math.max(startFile, stored.localStart());
        long end =
                segments.isEmpty() ? floor : segments.get(segments.size() - 1).nextOffset();
        if (end < floor) {
            // Records before the start were lost without ever having been flushed.
            dropFrom(0);
            end = floor;
        }
        long first = segments.isEmpty() ? end : segments.get(0).baseOffset;
        long start = Math.max(startFile, stored == null ? first : stored.logStart());
        epochs.truncateTo(end);
        if (touched) {
            for (Segment segment : segments) {
                segment.file.force();
            }
        }
        restoreProducers(start, end);
        sealScanned();
        SegmentedLog log = new SegmentedLog(store, shard, settings, epochs, segments, start, end);
        if (stored != null) {
            log.stored(stored.storedEnd());
            log.moveLocalStart(stored.localStart());
        }
        if (names.contains(FileNames.CLEANED_FILE)) {
            log.cleaned(CleanedFile.read(store, shard, end));
        }
        return log;
    }

    /** Looks at every version before anything is changed. */
    private void checkVersions() throws IOException {
        for (String name : names) {
            if (FileNames.generation(name, FileNames.INDEX) >= 0) {
                IndexFile.open(store, shard, name);
            } else if (name.equals(FileNames.TIER_FILE)) {
                TierFile.read(store, shard);
            } else if (name.equals(FileNames.CLEANED_FILE)) {
                CleanedFile.read(store, shard, 0);
            } else if (FileNames.isA(name, FileNames.PRODUCERS)) {
                tryRead(name, ProducerTable.VERSION);
            } else if (FileNames.generation(name, FileNames.ABORTED) >= 0) {
                tryRead(name, AbortedIndex.VERSION);
            }
        }
    }

    private void readEpochs() throws IOException {
        try {
            epochs.decode(SideFile.read(store, shard, FileNames.EPOCHS_FILE, EpochHistory.VERSION));
        } catch (StoreException e) {
            LOG.warn("shard={} file=epochs action=rebuild reason=\"{}\"", shard, e.getMessage());
        }
    }

    private void openSegments() throws IOException {
        List<String> logs = names.stream()
                .filter(name -> FileNames.generation(name, FileNames.LOG) >= 0)
                .toList();
        for (int i = 0; i < logs.size(); i++) {
            long base = FileNames.offset(logs.get(i));
            long end = segments.isEmpty()
                    ? base
                    : segments.get(segments.size() - 1).nextOffset();
            if (base < end) {
                LOG.info("shard={} file={} action=delete reason=\"compacted into the one before\"", shard, logs.get(i));
                dropLogs(logs.subList(i, i + 1));
                continue;
            }
            if (base != end) {
                LOG.warn("shard={} action=drop from={} reason=\"the log before it ends at {}\"", shard, base, end);
                dropLogs(logs.subList(i, logs.size()));
                return;
            }
            segments.add(openSegment(logs.get(i), base, i == logs.size() - 1));
        }
    }

    private Segment openSegment(String name, long base, boolean last) throws IOException {
        SegmentFile file = store.open(shard, name);
        int generation = FileNames.generation(name, FileNames.LOG);
        String indexName = FileNames.name(base, generation, FileNames.INDEX);
        IndexFile known = names.contains(indexName) ? IndexFile.open(store, shard, indexName) : null;
        MemoryAborted aborted = known == null ? null : readAborted(base, generation);
        if (known != null && aborted != null && known.logBytes() <= file.size()) {
            if (!last && known.logBytes() == file.size()) {
                FileIndex index = new FileIndex(store, shard, indexName, known.count());
                Segment segment = new Segment(base, generation, file, index, nowMs);
                segment.trust(known);
                if (aborted.count() > 0) {
                    segment.abortedBy(new FileAborted(store, shard, segment.abortedName(), aborted.count()));
                }
                return segment;
            }
            Segment segment = trustedPrefix(file, name, known, indexName);
            if (segment != null) {
                segment.abortedBy(aborted);
                return replayed(segment);
            }
        }
        return replayed(new Segment(base, generation, file, new MemoryIndex(), nowMs));
    }

    /** Its aborted transactions are known up to where it is trusted; from there on the log tells them. */
    private Segment replayed(Segment segment) throws IOException {
        long trustedEnd = segment.nextOffset();
        Segment whole = scanned(segment);
        if (trustedEnd < whole.nextOffset()) {
            replayFrom = Math.min(replayFrom, trustedEnd);
            untrustedFrom.put(whole, trustedEnd);
        }
        return whole;
    }

    /** Null when the file is damaged, so that the segment is scanned instead. A segment without aborted transactions has none. */
    private @Nullable MemoryAborted readAborted(long base, int generation) throws IOException {
        String name = FileNames.name(base, generation, FileNames.ABORTED);
        if (!names.contains(name)) {
            return new MemoryAborted();
        }
        ByteBuf content = tryRead(name, AbortedIndex.VERSION);
        return content == null ? null : MemoryAborted.decode(content);
    }

    private @Nullable Segment trustedPrefix(SegmentFile file, String name, IndexFile known, String indexName)
            throws IOException {
        try {
            int generation = FileNames.generation(name, FileNames.LOG);
            MemoryIndex index = known.load(store, shard, indexName);
            Segment segment = new Segment(FileNames.offset(name), generation, file, index, nowMs);
            segment.trust(known);
            return segment;
        } catch (StoreException e) {
            LOG.warn("shard={} file={} action=scan reason=\"{}\"", shard, indexName, e.getMessage());
            return null;
        }
    }

    private Segment scanned(Segment segment) throws IOException {
        long before = segment.file.size();
        touched |= before > segment.sizeInBytes();
        if (LogScanner.scan(segment, settings.indexIntervalBytes(), epochs)) {
            LOG.warn(
                    "shard={} segment={} action=cut bytes={} end={} reason=\"not a whole batch\"",
                    shard,
                    segment,
                    before - segment.sizeInBytes(),
                    segment.nextOffset());
        }
        return segment;
    }

    /** Full segments that had to be scanned get their index: the next start is short, and they may be compacted. */
    private void sealScanned() {
        boolean epochsWritten = false;
        for (Segment segment : segments.subList(0, Math.max(0, segments.size() - 1))) {
            if (!segment.isSealed()) {
                try {
                    segment.file.force();
                    if (!epochsWritten) {
                        store.replace(shard, FileNames.EPOCHS_FILE, epochs.encode());
                        epochsWritten = true;
                    }
                    SealJob.writeIndex(store, shard, segment);
                    segment.sealedIn(store, shard);
                } catch (IOException e) {
                    LOG.warn("shard={} segment={} action=leave unsealed reason=\"{}\"", shard, segment, e.getMessage());
                }
            }
        }
    }

    private void dropLogs(List<String> logs) throws IOException {
        for (int i = logs.size() - 1; i >= 0; i--) {
            String log = logs.get(i);
            int generation = FileNames.generation(log, FileNames.LOG);
            store.delete(shard, FileNames.name(FileNames.offset(log), generation, FileNames.INDEX));
            store.delete(shard, FileNames.name(FileNames.offset(log), generation, FileNames.ABORTED));
            store.delete(shard, log);
        }
        touched = true;
    }

    private void dropFrom(int index) throws IOException {
        for (int i = segments.size() - 1; i >= index; i--) {
            Segment segment = segments.remove(i);
            segment.close();
            dropLogs(List.of(segment.logName()));
        }
    }

    /** Takes the newest snapshot from which on nothing is missing, and replays what came after it. */
    private void restoreProducers(long start, long end) throws IOException {
        long from = start;
        boolean restored = false;
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            if (!FileNames.isA(name, FileNames.PRODUCERS)) {
                continue;
            }
            long at = FileNames.offset(name);
            if (at > end) {
                store.delete(shard, name);
            } else if (!restored && at <= replayFrom) {
                ByteBuf content = tryRead(name, ProducerTable.VERSION);
                if (content != null) {
                    producers.read(content);
                    restored = true;
                    from = Math.max(at, start);
                }
            }
        }
        for (Segment segment : segments) {
            if (segment.nextOffset() > from) {
                replay(segment, from);
            }
        }
        producers.commit();
        if (committed) {
            producers.settle(end);
        }
    }

    private void replay(Segment segment, long from) throws IOException {
        int limit = segment.sizeInBytes();
        int position = segment.positionOf(from, limit);
        BatchWalk walk = BatchWalk.over(segment.file, limit);
        while (position < limit) {
            RecordBatch batch = walk.at(position);
            if (batch.isControl() && batch.count() == 0) {
                producers.applyEmptiedMarker(batch);
            } else if (batch.isControl() && batch.hasProducerId()) {
                replayMarker(segment, position, batch.sizeInBytes());
            } else {
                producers.apply(batch);
            }
            position += batch.sizeInBytes();
        }
        producers.commit();
    }

    private void replayMarker(Segment segment, int position, int size) throws IOException {
        byte[] bytes = new byte[size];
        segment.file.read(position, ByteBuffer.wrap(bytes));
        RecordBatch batch = new RecordBatch(Unpooled.wrappedBuffer(bytes), 0);
        AbortedRange range = producers.apply(batch, TransactionMarker.of(batch));
        Long untrusted = untrustedFrom.get(segment);
        if (range != null && untrusted != null && range.lastOffset() >= untrusted) {
            segment.addAborted(range);
        }
    }

    private @Nullable ByteBuf tryRead(String name, int versionMax) throws IOException {
        try {
            return SideFile.read(store, shard, name, versionMax);
        } catch (StoreException e) {
            LOG.warn("shard={} file={} action=ignore reason=\"{}\"", shard, name, e.getMessage());
            return null;
        }
    }
}
