package io.robustmq.journal.tier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.journal.shard.AbortedRange;
import java.util.ArrayList;
import java.util.List;

/**
 * What is stored beside a segment's batches: where its chunks are and how new their records are, which transactions were aborted,
 * and what a log needs that goes on behind it. Nobody changes what it gives.
 */
public final class TierSide {
    private static final int MAGIC = 0x524D5154;
    private static final int VERSION = 1;

    /**
     * Whole batches that are read at once.
     *
     * @param crc CRC32C of its bytes
     */
    public record Chunk(long baseOffset, int position, int bytes, long maxTimestamp, int crc) {}

    private final List<Chunk> chunks;
    private final List<AbortedRange> aborted;
    private final byte[] epochs;
    private final byte[] producers;

    /**
     * Takes the arrays.
     *
     * @param epochs leader epochs up to the end, as a log keeps them in its file
     * @param producers the producer table as of the end, likewise
     */
    TierSide(List<Chunk> chunks, List<AbortedRange> aborted, byte[] epochs, byte[] producers) {
        this.chunks = List.copyOf(chunks);
        this.aborted = List.copyOf(aborted);
        this.epochs = epochs;
        this.producers = producers;
    }

    List<Chunk> chunks() {
        return chunks;
    }

    public byte[] epochs() {
        return epochs;
    }

    public byte[] producers() {
        return producers;
    }

    byte[] encode() {
        ByteBuf out = Unpooled.buffer(256 + chunks.size() * 28 + epochs.length + producers.length);
        out.writeInt(MAGIC).writeInt(VERSION).writeInt(chunks.size());
        for (Chunk chunk : chunks) {
            out.writeLong(chunk.baseOffset)
                    .writeInt(chunk.position)
                    .writeInt(chunk.bytes)
                    .writeLong(chunk.maxTimestamp)
                    .writeInt(chunk.crc);
        }
        out.writeInt(aborted.size());
        for (AbortedRange range : aborted) {
            out.writeLong(range.producerId())
                    .writeLong(range.firstOffset())
                    .writeLong(range.lastOffset())
                    .writeLong(range.stableOffset());
        }
        out.writeInt(epochs.length).writeBytes(epochs);
        out.writeInt(producers.length).writeBytes(producers);
        return ByteBufUtil.getBytes(out);
    }

    /** CORRUPT for what is none, FATAL for what a newer version wrote. */
    static TierSide decode(byte[] bytes, String name) throws StoreException {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        try {
            if (in.readInt() != MAGIC) {
                throw new StoreException(Kind.CORRUPT, name + " is not what belongs beside a segment");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw new StoreException(
                        Kind.FATAL, name + " has format " + version + ", this version reads " + VERSION);
            }
            List<Chunk> chunks = new ArrayList<>();
            for (int count = in.readInt(); count > 0; count--) {
                chunks.add(new Chunk(in.readLong(), in.readInt(), in.readInt(), in.readLong(), in.readInt()));
            }
            List<AbortedRange> aborted = new ArrayList<>();
            for (int count = in.readInt(); count > 0; count--) {
                aborted.add(new AbortedRange(in.readLong(), in.readLong(), in.readLong(), in.readLong()));
            }
            return new TierSide(chunks, aborted, bytes(in), bytes(in));
        } catch (IndexOutOfBoundsException e) {
            throw new StoreException(Kind.CORRUPT, name + " ends too early", e);
        }
    }

    private static byte[] bytes(ByteBuf in) {
        byte[] bytes = new byte[in.readInt()];
        in.readBytes(bytes);
        return bytes;
    }

    /** The chunk that holds the offset; the first for one below. */
    int chunkOf(long offset) {
        int low = 0;
        int high = chunks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (chunks.get(middle).baseOffset <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Of which something may lie in {@code [offset, endOffset)}. */
    List<AbortedTransaction> abortedIn(long offset, long endOffset) {
        List<AbortedTransaction> found = new ArrayList<>();
        for (AbortedRange range : aborted) {
            if (range.lastOffset() >= offset && range.firstOffset() < endOffset) {
                found.add(new AbortedTransaction(range.producerId(), range.firstOffset()));
            }
        }
        return found;
    }
}
