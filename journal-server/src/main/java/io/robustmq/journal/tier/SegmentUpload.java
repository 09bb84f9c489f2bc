package io.robustmq.journal.tier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.log.TierSource;
import io.robustmq.journal.log.TierSource.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Stores one segment: its batches, then what belongs beside them. Until the manifest has it nobody knows of it. Runs once, in a
 * thread that may wait.
 */
final class SegmentUpload {
    private final NodeTier tier;
    private final TierSource source;
    private final String name;
    private final int leaderEpoch;
    private final int producersMax;
    private final @Nullable TierSegment last;

    /**
     * Begins nothing.
     *
     * @param name of both objects, never given before
     * @param last the segment before, whose producer table this one goes on from
     */
    SegmentUpload(
            NodeTier tier,
            TierSource source,
            String name,
            int leaderEpoch,
            int producersMax,
            @Nullable TierSegment last) {
        this.tier = tier;
        this.source = source;
        this.name = name;
        this.leaderEpoch = leaderEpoch;
        this.producersMax = producersMax;
        this.last = last;
    }

    /** Returns when both objects are in the store. */
    TierSegment run() throws IOException {
        List<Run> runs = source.runs(tier.config.chunkBytes());
        List<TierSide.Chunk> chunks = new ArrayList<>(runs.size());
        long newest = -1;
        int size = 0;
        int longest = runs.stream().mapToInt(Run::bytes).max().orElseThrow();
        // Not on the heap, where it would be copied once more on its way from one file or socket to the other.
        ByteBuf room = PooledByteBufAllocator.DEFAULT.directBuffer(longest);
        try (ObjectWriter writer = tier.store.write(name + TierSegment.LOG, UUID.randomUUID())) {
            ByteBuffer bytes = room.nioBuffer(0, longest);
            for (Run run : runs) {
                source.read(run, bytes);
                chunks.add(new TierSide.Chunk(
                        run.baseOffset(), run.position(), run.bytes(), run.maxTimestamp(), crc(bytes)));
                tier.uploadRate.take(run.bytes());
                writer.append(bytes);
                newest = Math.max(newest, run.maxTimestamp());
                size = Math.addExact(size, run.bytes());
            }
            CrashPoint.SEGMENT_UNSEALED.reached();
            writer.seal();
        } finally {
            room.release();
        }
        CrashPoint.SEGMENT_STORED.reached();
        byte[] producers = source.producers(
                producersMax, () -> last == null ? null : tier.readSide(last).producers());
        TierSide side = new TierSide(chunks, source.aborted(), source.epochs(), producers);
        byte[] bytes = side.encode();
        tier.store.create(name + TierSegment.SIDE, UUID.randomUUID(), List.of(ByteBuffer.wrap(bytes)));
        CrashPoint.SIDE_STORED.reached();
        return new TierSegment(source.from(), source.endOffset(), newest, size, bytes.length, leaderEpoch, name);
    }

    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
