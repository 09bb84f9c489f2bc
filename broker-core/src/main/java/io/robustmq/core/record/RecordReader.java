package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Visits batches and the records inside them, decompressing where needed. Bytes that are not well formed are an
 * IllegalArgumentException. Stateless; any thread.
 */
public final class RecordReader {
    private RecordReader() {}

    /** Borrows {@code batches} and visits every whole batch from its reader index; a torn last one is left out. */
    public static void forEachBatch(ByteBuf batches, Predicate<RecordBatch> visitor) {
        int at = batches.readerIndex();
        while (RecordBatch.isWhole(batches, at, batches.writerIndex())) {
            RecordBatch batch = new RecordBatch(batches, at);
            if (!visitor.test(batch)) {
                return;
            }
            at = batch.end();
        }
    }

    /**
     * Borrows {@code batches} and visits the records of all whole batches, control batches left out, until the visitor
     * says false.
     *
     * @param decompressedBytesMax per batch; a batch that unpacks to more is not well formed
     */
    public static void forEach(
            ByteBuf batches, int decompressedBytesMax, BiPredicate<RecordBatch, RecordView> visitor) {
        RecordView view = new RecordView(batches);
        int at = batches.readerIndex();
        while (RecordBatch.isWhole(batches, at, batches.writerIndex())) {
            RecordBatch batch = new RecordBatch(batches, at);
            if (!batch.isControl() && !visitRecords(batch, decompressedBytesMax, view, visitor)) {
                return;
            }
            at = batch.end();
        }
    }

    /** As {@link #forEach}, for all records. */
    public static void forAll(ByteBuf batches, int decompressedBytesMax, BiConsumer<RecordBatch, RecordView> visitor) {
        forEach(batches, decompressedBytesMax, (batch, record) -> {
            visitor.accept(batch, record);
            return true;
        });
    }

    private static boolean visitRecords(
            RecordBatch batch,
            int decompressedBytesMax,
            RecordView view,
            BiPredicate<RecordBatch, RecordView> visitor) {
        int count = batch.count();
        if (count == 0) {
            return true;
        }
        ByteBuf body = body(batch, decompressedBytesMax);
        for (int i = 0; i < count; i++) {
            view.read(body, batch);
            if (!visitor.test(batch, view)) {
                return false;
            }
        }
        return true;
    }

    /** The records as they are without compression; shares the batch's reference count, or is on the heap. */
    static ByteBuf body(RecordBatch batch, int decompressedBytesMax) {
        int bodyAt = batch.start() + RecordBatch.HEADER_BYTES;
        ByteBuf body = batch.buffer().duplicate().setIndex(bodyAt, batch.end());
        return batch.compressionId() == 0 ? body : decompress(batch, body, decompressedBytesMax);
    }

    private static ByteBuf decompress(RecordBatch batch, ByteBuf body, int decompressedBytesMax) {
        if (batch.compressionId() > 4) {
            throw new IllegalArgumentException("compression type " + batch.compressionId());
        }
        Compression compression =
                Compression.of(CompressionType.forId(batch.compressionId())).build();
        try (InputStream input =
                compression.wrapForInput(body.nioBuffer(), RecordBatch.MAGIC, BufferSupplier.NO_CACHING)) {
            byte[] bytes = input.readNBytes(decompressedBytesMax);
            if (bytes.length == decompressedBytesMax && input.read() >= 0) {
                throw new IllegalArgumentException("a batch unpacks to more than " + decompressedBytesMax + " bytes");
            }
            return Unpooled.wrappedBuffer(bytes);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("a batch cannot be unpacked: " + e.getMessage(), e);
        }
    }

    /** Reads a length that must be at least {@code smallest} and fit before {@code end}. */
    static int length(ByteBuf cursor, int end, int smallest) {
        long length = Varint.read(cursor);
        if (length < smallest || length > end - cursor.readerIndex()) {
            throw new IllegalArgumentException("a length of " + length + " inside a record does not fit");
        }
        return (int) length;
    }
}
