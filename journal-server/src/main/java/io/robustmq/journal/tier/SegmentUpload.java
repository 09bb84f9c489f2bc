package io.robustmq.journal.tier;

import io.robustmq.core.port.object.ObjectStore;
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
 *
 * @param name of both objects, never given before
 * @param producersBefore the producer table as of its beginning, as a file has it
 */
record SegmentUpload(
        ObjectStore store,
        TierSource source,
        String name,
        int leaderEpoch,
        int chunkBytes,
        int producersMax,
        byte @Nullable [] producersBefore,
        Rate rate) {

    /** What was stored, and the producer table as of its end. */
    record Result(TierSegment segment, byte[] producers) {}

    Result run() throws IOException {
        List<Run> runs = source.runs(chunkBytes);
        List<TierSide.Chunk> chunks = new ArrayList<>(runs.size());
        long newest = -1;
        int size = 0;
        try (ObjectWriter writer = store.write(name + TierSegment.LOG, UUID.randomUUID())) {
            for (Run run : runs) {
                ByteBuffer bytes = source.read(run);
                chunks.add(new TierSide.Chunk(
                        run.baseOffset(), run.position(), run.bytes(), run.maxTimestamp(), crc(bytes)));
                rate.take(run.bytes());
                writer.append(bytes);
                newest = Math.max(newest, run.maxTimestamp());
                size += run.bytes();
            }
            writer.seal();
        }
        byte[] producers = source.producers(producersMax, producersBefore);
        byte[] side = new TierSide(chunks, source.aborted(), source.epochs(), producers).encode();
        store.create(name + TierSegment.SIDE, UUID.randomUUID(), List.of(ByteBuffer.wrap(side)));
        TierSegment segment =
                new TierSegment(source.baseOffset(), source.endOffset(), newest, size, side.length, leaderEpoch, name);
        return new Result(segment, producers);
    }

    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
