package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.config.TopicSettings.Compress;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;

/** Packs batches with the codec that a topic asks for. Stateless; any thread. */
public final class BatchPacker {
    private BatchPacker() {}

    /**
     * Takes {@code batches} and gives them with every batch in the wanted codec. Batches that are in it already, or are not
     * well formed, stay as they are: who appends them refuses those.
     */
    public static ByteBuf pack(ByteBuf batches, Compress wanted, int decompressedBytesMax) {
        if (wanted.id() == Compress.AS_SENT || !isDue(batches, wanted)) {
            return batches;
        }
        ByteBuf packed = ByteBufAllocator.DEFAULT.buffer(batches.readableBytes());
        try {
            Compression codec = codec(wanted);
            BatchRewriter rewriter = new BatchRewriter(decompressedBytesMax);
            RecordReader.forEachBatch(batches, batch -> {
                rewriter.choose(batch, record -> true);
                rewriter.write(packed, batch.deleteHorizonMs(), wanted.id(), codec);
                return true;
            });
        } catch (IllegalArgumentException e) {
            packed.release();
            return batches;
        }
        batches.release();
        return packed;
    }

    private static boolean isDue(ByteBuf batches, Compress wanted) {
        boolean due = false;
        int at = batches.readerIndex();
        while (at < batches.writerIndex()) {
            if (!RecordBatch.isWhole(batches, at, batches.writerIndex())) {
                return false;
            }
            RecordBatch batch = new RecordBatch(batches, at);
            boolean good = batch.magic() == RecordBatch.MAGIC && batch.count() > 0 && batch.isIntact();
            if (!good || batch.isControl()) {
                return false;
            }
            due |= batch.compressionId() != wanted.id();
            at = batch.end();
        }
        return due;
    }

    private static Compression codec(Compress wanted) {
        CompressionType type = CompressionType.forId(wanted.id());
        return switch (type) {
            case GZIP -> Compression.gzip().level(wanted.level()).build();
            case LZ4 -> Compression.lz4().level(wanted.level()).build();
            case ZSTD -> Compression.zstd().level(wanted.level()).build();
            case NONE, SNAPPY -> Compression.of(type).build();
        };
    }
}
