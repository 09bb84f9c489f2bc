package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.clean.SealedSegment;
import io.robustmq.journal.shard.AbortedRange;
import java.io.IOException;

/**
 * A run of batches in one file, and its index. Written by the shard loop; other threads read what the view they hold was
 * published after.
 */
final class Segment {
    static final long NO_TIMESTAMP = -1;

    /** Keeps the index of a full segment below a megabyte. */
    private static final int ENTRIES_MAX_SHIFT = 16;

    final long baseOffset;
    final SegmentFile file;
    final long openedAtMs;
    final int generation;
    private volatile BatchIndex index;
    private volatile AbortedIndex aborted = MemoryAborted.NONE;
    private volatile long nextOffset;
    private volatile long maxTimestamp = NO_TIMESTAMP;
    private volatile int sizeInBytes;
    private volatile boolean removed;
    private long payloadBytes;
    private int indexedBytes;

    Segment(long baseOffset, SegmentFile file, BatchIndex index, long openedAtMs) {
        this(baseOffset, 0, file, index, openedAtMs);
    }

    /** @param generation how often it was compacted */
    Segment(long baseOffset, int generation, SegmentFile file, BatchIndex index, long openedAtMs) {
        this.generation = generation;
        this.baseOffset = baseOffset;
        this.file = file;
        this.index = index;
        this.nextOffset = baseOffset;
        this.openedAtMs = openedAtMs;
    }

    /** Takes over what an index file says. */
    void trust(IndexFile known) {
        nextOffset = known.nextOffset();
        maxTimestamp = known.maxTimestamp();
        sizeInBytes = (int) known.logBytes();
        indexedBytes = sizeInBytes;
        payloadBytes = sizeInBytes;
    }

    /** Borrows {@code batches}, which were just written at the end of the file. */
    void added(ByteBuf batches, int indexIntervalBytes) {
        int at = batches.readerIndex();
        while (at < batches.writerIndex()) {
            RecordBatch batch = new RecordBatch(batches, at);
            added(batch, indexIntervalBytes);
            at = batch.end();
        }
    }

    void added(RecordBatch batch, int indexIntervalBytes) {
        int position = sizeInBytes;
        int interval = Math.max(indexIntervalBytes, position >>> ENTRIES_MAX_SHIFT);
        if ((position == 0 || position - indexedBytes >= interval) && index instanceof MemoryIndex memory) {
            memory.add((int) (batch.baseOffset() - baseOffset), position, maxTimestamp);
            indexedBytes = position;
        }
        if (batch.count() > 0 && batch.maxTimestamp() > maxTimestamp) {
            maxTimestamp = batch.maxTimestamp();
        }
        nextOffset = batch.nextOffset();
        sizeInBytes = position + batch.sizeInBytes();
        payloadBytes += batch.payloadBytes();
    }

    void indexBy(FileIndex sealed) {
        index = sealed;
    }

    /** A transaction was aborted by a marker in this segment, which was just written or replayed. */
    void addAborted(AbortedRange range) {
        MemoryAborted growing =
                aborted instanceof MemoryAborted memory && memory.count() > 0 ? memory : new MemoryAborted();
        growing.add(range);
        aborted = growing;
    }

    void abortedBy(AbortedIndex known) {
        aborted = known;
    }

    AbortedIndex aborted() {
        return aborted;
    }

    /** What {@link SealJob#writeIndex} wrote is read where it lies from now on. */
    void sealedIn(SegmentStore store, String shard) {
        if (aborted instanceof MemoryAborted memory && memory.count() > 0) {
            abortedBy(new FileAborted(store, shard, abortedName(), memory.count()));
        }
        indexBy(new FileIndex(store, shard, indexName(), index.count()));
    }

    /** Its bytes are forced, and what it needs to be trusted is on disk. */
    boolean isSealed() {
        return index instanceof FileIndex;
    }

    SealedSegment facts() {
        return new SealedSegment(baseOffset, nextOffset, sizeInBytes, maxTimestamp, openedAtMs);
    }

    String logName() {
        return FileNames.name(baseOffset, generation, FileNames.LOG);
    }

    String indexName() {
        return FileNames.name(baseOffset, generation, FileNames.INDEX);
    }

    String abortedName() {
        return FileNames.name(baseOffset, generation, FileNames.ABORTED);
    }

    BatchIndex index() {
        return index;
    }

    long nextOffset() {
        return nextOffset;
    }

    long maxTimestamp() {
        return maxTimestamp;
    }

    int sizeInBytes() {
        return sizeInBytes;
    }

    /** The same, and what its references stand for. Only of a segment that grows. */
    long payloadBytes() {
        return payloadBytes;
    }

    /** How much its references stand for is not known: nothing more goes into it. */
    void fillUp() {
        if (sizeInBytes > 0) {
            payloadBytes = Integer.MAX_VALUE;
        }
    }

    /** Where the batch that holds {@code offset} begins; {@code limit} if it is not below the limit. */
    int positionOf(long offset, int limit) throws IOException {
        int position = index.floorByOffset(offset - baseOffset);
        BatchWalk walk = BatchWalk.over(file, limit);
        while (position < limit) {
            RecordBatch batch = walk.at(position);
            if (batch.lastOffset() >= offset) {
                return position;
            }
            position += batch.sizeInBytes();
        }
        return limit;
    }

    /** The largest batch boundary from {@code start} on that is not beyond {@code end}; {@code start} if the first batch is longer. */
    int boundaryBefore(int start, int end, int limit) throws IOException {
        int entry = index.floorByPosition(end);
        int position = entry < 0 ? start : Math.max(start, BatchIndex.position(index.place(entry)));
        BatchWalk walk = BatchWalk.over(file, limit);
        while (position < end) {
            int next = position + walk.at(position).sizeInBytes();
            if (next > end) {
                return position;
            }
            position = next;
        }
        return position;
    }

    int endOfBatchAt(int position, int limit) throws IOException {
        return position + BatchWalk.over(file, limit).at(position).sizeInBytes();
    }

    /** Everything written survives a power cut, or retention let it go meanwhile. */
    void force() throws IOException {
        try {
            file.force();
        } catch (IllegalStateException e) {
            if (!removed) {
                throw e;
            }
        }
    }

    /** Nothing to visit when retention let it go meanwhile. */
    boolean visit(FlushPoint.FileVisitor visitor, int end) throws IOException {
        try {
            return removed || visitor.visit(file, end);
        } catch (IllegalStateException e) {
            if (!removed) {
                throw e;
            }
            return true;
        }
    }

    /** Left the log; the file may be closed and deleted from now on. */
    void remove() {
        removed = true;
    }

    /** To be thrown for {@code failure}: what goes wrong in a segment that left the log says only that there is a newer view. */
    IOException failure(IOException failure) {
        if (removed) {
            throw new IllegalStateException(this + " left the log", failure);
        }
        return failure;
    }

    void close() throws IOException {
        file.close();
        if (index instanceof FileIndex sealed) {
            sealed.close();
        }
        if (aborted instanceof FileAborted sealed) {
            sealed.close();
        }
    }

    @Override
    public String toString() {
        return logName();
    }
}
