package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.function.Predicate;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches again with some of their records: first {@link #choose}, then look at what was chosen, then write. Offsets,
 * sequences, epochs and the codec stay; a batch may begin or end with a gap. Used by one thread. Bytes that are not well
 * formed are an IllegalArgumentException.
 */
public final class BatchRewriter {
    private final int decompressedBytesMax;
    private final BitSet chosen = new BitSet();
    private final RecordView view = new RecordView(Unpooled.EMPTY_BUFFER);
    private RecordBatch batch = new RecordBatch(Unpooled.EMPTY_BUFFER, 0);
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private int bodyAt;
    private int chosenCount;
    private long firstTimestamp;
    private boolean tombstones;

    public BatchRewriter(int decompressedBytesMax) {
        this.decompressedBytesMax = decompressedBytesMax;
    }

    /** Asks {@code keeps} for every record of {@code next}, which must stay as it is until it is written. */
    public void choose(RecordBatch next, Predicate<RecordView> keeps) {
        batch = next;
        chosen.clear();
        chosenCount = 0;
        tombstones = false;
        int count = next.count();
        if (count == 0) {
            return;
        }
        body = RecordReader.body(next, decompressedBytesMax);
        bodyAt = body.readerIndex();
        for (int i = 0; i < count; i++) {
            view.read(body, next);
            if (keeps.test(view)) {
                chosen.set(i);
                firstTimestamp = chosenCount++ == 0 ? view.timestampMs() : firstTimestamp;
                tombstones |= view.isTombstone();
            }
        }
    }

    public boolean choseAll() {
        return chosenCount == batch.count();
    }

    public boolean choseNone() {
        return chosenCount == 0;
    }

    /** Whether a record without value is among the chosen. */
    public boolean choseTombstones() {
        return tombstones;
    }

    /** Appends the batch with the chosen records to {@code target}; {@code horizonMs} as {@link RecordBatch#deleteHorizonMs}. */
    public void write(ByteBuf target, long horizonMs) {
        write(target, horizonMs, batch.compressionId(), codec(batch.compressionId()));
    }

    /** As {@link #write(ByteBuf, long)}, in another codec. */
    public void write(ByteBuf target, long horizonMs, int compressionId) {
        write(target, horizonMs, compressionId, codec(compressionId));
    }

    void write(ByteBuf target, long horizonMs, int compressionId, Compression codec) {
        if (chosenCount == 0) {
            writeEmpty(batch, target);
            return;
        }
        boolean hasHorizon = horizonMs != RecordBatch.NO_HORIZON;
        long base = hasHorizon ? horizonMs : firstTimestamp;
        int at = target.writerIndex();
        target.writeBytes(batch.buffer(), batch.start(), RecordBatch.HEADER_BYTES);
        long maxTimestamp = writeBody(target, base, compressionId == 0 ? null : codec);
        int attributes = batch.attributes() & ~(RecordBatch.COMPRESSION_MASK | RecordBatch.DELETE_HORIZON_BIT);
        attributes |= compressionId | (hasHorizon ? RecordBatch.DELETE_HORIZON_BIT : 0);
        target.setShort(at + RecordBatch.ATTRIBUTES, attributes);
        target.setLong(at + RecordBatch.BASE_TIMESTAMP, base);
        target.setLong(at + RecordBatch.MAX_TIMESTAMP, batch.hasAppendTime() ? batch.maxTimestamp() : maxTimestamp);
        target.setInt(at + RecordBatch.COUNT, chosenCount);
        seal(target, at);
    }

    /** Appends {@code batch} without its records: what remains are its offsets and what its producer's sequence is. */
    public static void writeEmpty(RecordBatch batch, ByteBuf target) {
        int at = target.writerIndex();
        target.writeBytes(batch.buffer(), batch.start(), RecordBatch.HEADER_BYTES);
        int gone = RecordBatch.COMPRESSION_MASK | RecordBatch.DELETE_HORIZON_BIT;
        target.setShort(at + RecordBatch.ATTRIBUTES, batch.attributes() & ~gone);
        target.setLong(at + RecordBatch.BASE_TIMESTAMP, batch.maxTimestamp());
        target.setInt(at + RecordBatch.COUNT, 0);
        seal(target, at);
    }

    /** Appends a batch of no producer and no record that holds {@code offset} only. */
    public static void writeFiller(long offset, int leaderEpoch, ByteBuf target) {
        int at = target.writerIndex();
        target.writeZero(RecordBatch.HEADER_BYTES);
        new RecordBatch(target, at).assign(offset, leaderEpoch);
        target.setByte(at + RecordBatch.MAGIC_BYTE_AT, RecordBatch.MAGIC);
        target.setLong(at + RecordBatch.BASE_TIMESTAMP, -1);
        target.setLong(at + RecordBatch.MAX_TIMESTAMP, -1);
        target.setLong(at + RecordBatch.PRODUCER_ID, RecordBatch.NO_PRODUCER_ID);
        target.setShort(at + RecordBatch.PRODUCER_EPOCH, RecordBatch.NO_PRODUCER_EPOCH);
        target.setInt(at + RecordBatch.BASE_SEQUENCE, RecordBatch.NO_SEQUENCE);
        seal(target, at);
    }

    /** The largest timestamp among the chosen records. */
    private long writeBody(ByteBuf target, long baseTimestamp, @Nullable Compression codec) {
        ByteBuf plain = codec == null ? target : Unpooled.buffer(body.writerIndex() - bodyAt);
        long maxTimestamp = Long.MIN_VALUE;
        body.readerIndex(bodyAt);
        int count = batch.count();
        for (int i = 0; i < count; i++) {
            view.read(body, batch);
            if (chosen.get(i)) {
                view.write(plain, baseTimestamp, batch.baseOffset());
                maxTimestamp = Math.max(maxTimestamp, view.timestampMs());
            }
        }
        if (codec != null) {
            target.writeBytes(compress(plain, codec));
        }
        return maxTimestamp;
    }

    private static Compression codec(int compressionId) {
        return Compression.of(CompressionType.forId(compressionId)).build();
    }

    private static ByteBuffer compress(ByteBuf plain, Compression codec) {
        ByteBufferOutputStream bytes = new ByteBufferOutputStream(Math.max(512, plain.readableBytes() / 2));
        try (OutputStream output = codec.wrapForOutput(bytes, RecordBatch.MAGIC)) {
            output.write(plain.array(), plain.arrayOffset() + plain.readerIndex(), plain.readableBytes());
        } catch (IOException e) {
            throw new IllegalArgumentException("a batch cannot be packed: " + e.getMessage(), e);
        }
        return bytes.buffer().flip();
    }

    private static void seal(ByteBuf target, int at) {
        int size = target.writerIndex() - at;
        target.setInt(at + RecordBatch.LENGTH, size - RecordBatch.LOG_OVERHEAD);
        target.setInt(at + RecordBatch.CRC, RecordBatch.computeCrc(target, at, size));
    }
}
