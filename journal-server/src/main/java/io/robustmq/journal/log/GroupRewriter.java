package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.clean.BatchCleaner;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what stays of neighbouring segments into one. Nothing is written while a segment that stays alone loses nothing. The
 * last offset of the group always stays, if need be in a batch without records: the next segment begins behind it. Used by
 * one disk thread at a time.
 */
final class GroupRewriter {
    private final SegmentStore store;
    private final String shard;
    private final List<Segment> inputs;
    private final BatchCleaner cleaner;
    private final int indexIntervalBytes;
    private final BatchChunks chunks = new BatchChunks();
    private final ByteBuf target = Unpooled.buffer();
    private final long endOffset;
    private int input;
    private int position;
    /** Of the first input: what stays as it is, and how much of that is in the output already. */
    private int sameBytes;

    private int copiedBytes;
    private long writtenNext = -1;
    private @Nullable Segment output;

    GroupRewriter(
            SegmentStore store, String shard, List<Segment> inputs, BatchCleaner cleaner, int indexIntervalBytes) {
        this.store = store;
        this.shard = shard;
        this.inputs = inputs;
        this.cleaner = cleaner;
        this.indexIntervalBytes = indexIntervalBytes;
        this.endOffset = inputs.get(inputs.size() - 1).nextOffset();
    }

    /** A bounded part: how many bytes were moved, 0 when nothing is left to do. */
    int step() throws IOException {
        Segment written = output;
        if (written != null && copiedBytes < sameBytes) {
            return copySame(written);
        }
        if (written != null && target.isReadable()) {
            return flush(written);
        }
        if (input == inputs.size()) {
            return 0;
        }
        return cleanChunk();
    }

    /** Null when the group stays as it is. */
    @Nullable
    Swap finish() throws IOException {
        if (output == null) {
            return null;
        }
        if (output.nextOffset() != endOffset) {
            throw new AssertionError(output + " ends at " + output.nextOffset() + ", not at " + endOffset);
        }
        output.file.force();
        return new Swap(store, shard, inputs, output);
    }

    /** Gives up what was written, even when it may count already: the inputs are all there. */
    void abandon() throws IOException {
        if (output != null) {
            output.close();
            store.delete(shard, output.indexName());
            store.delete(shard, output.logName());
        }
    }

    private int cleanChunk() throws IOException {
        Segment now = inputs.get(input);
        ByteBuf chunk = chunks.read(now, position);
        target.clear();
        boolean same = inputs.size() == 1;
        int at = 0;
        while (at < chunk.writerIndex()) {
            RecordBatch batch = new RecordBatch(chunk, at);
            same &= clean(batch);
            at = batch.end();
        }
        int before = position;
        position += at;
        if (position == now.sizeInBytes()) {
            input++;
            position = 0;
            same &= input < inputs.size() || !fillEnd();
        }
        if (output == null && same) {
            sameBytes = before + at;
            target.clear();
        } else if (output == null) {
            output = create();
        }
        return at;
    }

    /** Whether the batch stays as it is. */
    private boolean clean(RecordBatch batch) {
        int size = target.writerIndex();
        boolean isFiller = batch.count() == 0 && !batch.hasProducerId() && batch.nextOffset() == endOffset;
        boolean same = isFiller || cleaner.clean(batch, target);
        if (isFiller) {
            target.writeBytes(batch.buffer(), batch.start(), batch.sizeInBytes());
        }
        if (target.writerIndex() > size) {
            writtenNext = batch.nextOffset();
        }
        return same;
    }

    private boolean fillEnd() {
        if (writtenNext == endOffset) {
            return false;
        }
        cleaner.fill(endOffset - 1, target);
        writtenNext = endOffset;
        return true;
    }

    private Segment create() throws IOException {
        Segment first = inputs.get(0);
        int generation = first.generation + 1;
        String name = FileNames.name(first.baseOffset, generation, FileNames.LOG);
        // An attempt before may have left it, when it could not be deleted.
        store.delete(shard, FileNames.name(first.baseOffset, generation, FileNames.INDEX));
        store.delete(shard, name);
        SegmentFile file = store.create(shard, name);
        long openedAtMs = inputs.get(inputs.size() - 1).openedAtMs;
        return new Segment(first.baseOffset, generation, file, new MemoryIndex(), openedAtMs);
    }

    private int copySame(Segment written) throws IOException {
        ByteBuf chunk = chunks.read(inputs.get(0), copiedBytes);
        while (chunk.readableBytes() > sameBytes - copiedBytes) {
            chunk.writerIndex(lastBatchAt(chunk));
        }
        append(written, chunk);
        copiedBytes += chunk.readableBytes();
        return 2 * chunk.readableBytes();
    }

    private static int lastBatchAt(ByteBuf chunk) {
        int at = 0;
        while (new RecordBatch(chunk, at).end() < chunk.writerIndex()) {
            at = new RecordBatch(chunk, at).end();
        }
        return at;
    }

    private int flush(Segment written) throws IOException {
        int bytes = target.readableBytes();
        append(written, target);
        target.clear();
        return bytes;
    }

    private void append(Segment written, ByteBuf batches) throws IOException {
        if (written.sizeInBytes() > Integer.MAX_VALUE - batches.readableBytes()) {
            throw new StoreException(Kind.RETRIABLE, written + " would become larger than a segment can be");
        }
        written.file.append(new ByteBuf[] {batches}, 1);
        written.added(batches, indexIntervalBytes);
    }
}
