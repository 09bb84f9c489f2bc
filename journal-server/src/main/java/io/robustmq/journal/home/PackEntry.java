package io.robustmq.journal.home;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.record.BatchReference;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An append on its way into a pack. Where it is is known to its owner when that is told that it is {@link PackOwner#packed}. */
public final class PackEntry {
    final PackOwner owner;
    final ByteBuf batches;
    final int bytes;
    private volatile @Nullable PackName pack;
    private int packAt;
    private int packBytes;
    private int position;
    private @Nullable IOException failure;

    /** Of {@code batches}, which it takes part in while it is being packed. */
    public PackEntry(PackOwner owner, ByteBuf batches) {
        this.owner = owner;
        this.batches = batches;
        this.bytes = batches.readableBytes();
    }

    void retain() {
        batches.retain();
    }

    /** By its owner, who was told what became of it. */
    public void release() {
        batches.release();
    }

    void goesInto(PackName name) {
        pack = name;
    }

    void isAt(int place, int ofPackBytes) {
        position = place;
        packBytes = ofPackBytes;
    }

    void packIsAt(int place) {
        packAt = place;
    }

    void failed(IOException cause) {
        failure = cause;
    }

    /**
     * Any thread: what it goes into; null before that is known, which is before anything of it is in the store. When it has to go
     * into another one, this says so before anything of it is there, and it will not be needed where it was to go before.
     */
    public @Nullable PackName pack() {
        return pack;
    }

    /** Why it is not stored, or may not be. */
    public @Nullable IOException failure() {
        return failure;
    }

    /** References to its batches, {@code batches}, which are in the store. The caller releases them. */
    public ByteBuf references(ByteBufAllocator allocator) {
        PackName name = pack;
        if (name == null || failure != null) {
            throw new IllegalStateException("not stored");
        }
        int count = 0;
        for (int at = batches.readerIndex(); at < batches.writerIndex(); at = new RecordBatch(batches, at).end()) {
            count++;
        }
        ByteBuf references = allocator.buffer(count * BatchReference.SIZE_IN_BYTES);
        int place = position;
        for (int at = batches.readerIndex(); at < batches.writerIndex(); ) {
            RecordBatch batch = new RecordBatch(batches, at);
            int size = batch.sizeInBytes();
            new BatchReference(name.node(), name.life(), name.sequence(), packAt, packBytes, place, size)
                    .write(batch, references);
            place += size;
            at += size;
        }
        return references;
    }
}
