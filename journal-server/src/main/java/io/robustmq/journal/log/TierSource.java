package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.journal.shard.AbortedRange;
import io.robustmq.journal.shard.ProducerTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A full segment, or the rest of one, that is to be stored: its bytes, and what belongs beside them. Made by the shard loop, used
 * by one thread; what it reads never changes. Throws IllegalStateException when the segment left the log meanwhile.
 */
public final class TierSource {
    private final SegmentStore store;
    private final String shard;
    private final Segment[] segments;
    private final int index;
    private final Segment segment;
    private final long from;
    private final EpochHistory epochs;
    private final Payloads payloads;
    private int start = -1;

    /**
     * Whole batches: where they begin in what is stored, how long they are there, and their newest record.
     *
     * @param baseOffset where the run before ends: compaction may have left no record there
     * @param from where they begin in the segment, which may only refer to them
     */
    public record Run(long baseOffset, int position, int bytes, long maxTimestamp, int from, int until) {}

    /** What is stored before. */
    @FunctionalInterface
    public interface Before {
        byte @Nullable [] producers() throws IOException;
    }

    TierSource(
            SegmentStore store,
            String shard,
            Segment[] segments,
            int index,
            long from,
            EpochHistory epochs,
            Payloads payloads) {
        this.payloads = payloads;
        this.store = store;
        this.shard = shard;
        this.segments = segments;
        this.index = index;
        this.segment = segments[index];
        this.from = from;
        this.epochs = epochs;
    }

    /** Where what is stored before ends, or the segment begins; its first batch may begin before or, when it is compacted, behind. */
    public long from() {
        return from;
    }

    public long endOffset() {
        return segment.nextOffset();
    }

    /** Whether storing falls behind: another full segment waits. */
    public boolean isBehind() {
        return index + 2 < segments.length;
    }

    /** All of it in runs of about {@code bytes}. */
    public List<Run> runs(int bytes) throws IOException {
        int limit = segment.sizeInBytes();
        start = segment.positionOf(from, limit);
        List<Run> runs = new ArrayList<>();
        BatchWalk walk = BatchWalk.over(segment.file, limit);
        int position = start;
        int runStart = position;
        long runBase = from;
        long next = from;
        int runBytes = 0;
        int stored = 0;
        long newest = Segment.NO_TIMESTAMP;
        while (position < limit) {
            RecordBatch batch = walk.at(position);
            int size = batch.payloadBytes();
            if (runBytes > 0 && runBytes + size > bytes) {
                runs.add(new Run(runBase, stored, runBytes, newest, runStart, position));
                runStart = position;
                runBase = next;
                // No segment in the store is larger.
                stored = Math.addExact(stored, runBytes);
                runBytes = 0;
                newest = Segment.NO_TIMESTAMP;
            }
            newest = Math.max(newest, batch.maxTimestamp());
            runBytes += size;
            next = batch.nextOffset();
            position += batch.sizeInBytes();
        }
        runs.add(new Run(runBase, stored, runBytes, newest, runStart, limit));
        return runs;
    }

    /**
     * The bytes of a run, each batch of which is whole; CORRUPT otherwise.
     *
     * @param room where they are read to; they are its remaining bytes then
     */
    public void read(Run run, ByteBuffer room) throws IOException {
        if (payloads == Payloads.NONE) {
            room.clear().limit(run.bytes());
            segment.file.read(run.from(), room.duplicate());
            check(Unpooled.wrappedBuffer(room));
        } else {
            byte[] references = new byte[run.until() - run.from()];
            segment.file.read(run.from(), ByteBuffer.wrap(references));
            ByteBuf batches = Unpooled.wrappedBuffer(references);
            check(batches);
            room.clear();
            room.put(payloads.restore(batches)).flip();
        }
    }

    private void check(ByteBuf batches) throws StoreException {
        int end = batches.writerIndex();
        for (int at = 0; at < end; at = new RecordBatch(batches, at).end()) {
            if (!RecordBatch.isWhole(batches, at, end) || !new RecordBatch(batches, at).isIntact()) {
                throw new StoreException(Kind.CORRUPT, segment + " of " + shard + " has no whole batch at " + at);
            }
        }
    }

    /** The aborted transactions of which something lies in it; all are decided. */
    public List<AbortedRange> aborted() throws IOException {
        return AbortedIndex.rangesOverlapping(segments, index, from, endOffset());
    }

    /** The leader epochs up to its end, as they stand in their file. */
    public byte[] epochs() {
        return epochs.encodeUpTo(endOffset());
    }

    /**
     * The producer table as of its end, as it stands in its file: the one that the sealing left, or what its batches make of the one before.
     *
     * @param before tells the one as of its beginning, null when nobody knows of any; asked when it is needed
     */
    public byte[] producers(int producersMax, Before before) throws IOException {
        String name = FileNames.name(endOffset(), FileNames.PRODUCERS);
        if (store.list(shard).contains(name)) {
            try {
                SideFile.read(store, shard, name, ProducerTable.VERSION);
                return SideFile.readAll(store, shard, name);
            } catch (StoreException e) {
                // Gone meanwhile, or damaged: the batches tell it, too.
                if (e.kind() != Kind.NOT_FOUND && e.kind() != Kind.CORRUPT) {
                    throw e;
                }
            }
        }
        ProducerTable table = new ProducerTable(producersMax);
        byte[] known = before.producers();
        if (known != null) {
            table.read(Unpooled.wrappedBuffer(known).skipBytes(SideFile.FRAME_BYTES));
        }
        replay(table, known == null ? 0 : start);
        ByteBuf content = Unpooled.buffer();
        table.write(content);
        return SideFile.frame(ProducerTable.VERSION, content);
    }

    private void replay(ProducerTable table, int from) throws IOException {
        int limit = segment.sizeInBytes();
        int position = from;
        while (position < limit) {
            RecordBatch batch = BatchWalk.over(segment.file, limit).at(position);
            int size = batch.sizeInBytes();
            if (batch.isControl() && batch.hasProducerId() && batch.count() > 0) {
                byte[] bytes = new byte[size];
                segment.file.read(position, ByteBuffer.wrap(bytes));
                RecordBatch marker = new RecordBatch(Unpooled.wrappedBuffer(bytes), 0);
                table.apply(marker, TransactionMarker.of(marker));
            } else {
                table.apply(batch);
            }
            position += size;
        }
        table.commit();
    }

    @Override
    public String toString() {
        return segment.toString();
    }
}
