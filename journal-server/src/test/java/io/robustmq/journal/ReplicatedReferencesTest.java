package io.robustmq.journal;

import static io.robustmq.journal.ReplicatedJournals.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.record.BatchReference;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.storage.ssd.SsdStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that refers to what is elsewhere, and a follower that copies many references at once. */
class ReplicatedReferencesTest {
    private static final int SEGMENT_BYTES = 16_384;
    private static final int BATCH_BYTES = 5_000;
    private static final int BATCHES = 30;
    private static final int BATCHES_PER_SEGMENT = SEGMENT_BYTES / BATCH_BYTES;

    @TempDir
    Path directory;

    @Test
    void aFollowersSegmentStandsForNoMoreThanALeadersMay() throws Exception {
        writeReferences(directory.resolve("1"));
        try (ReplicatedJournals cluster =
                new ReplicatedJournals(2, Map.of("segment.bytes", Integer.toString(SEGMENT_BYTES)), directory)) {
            until(() -> cluster.end(2) == BATCHES);
            assertThat(cluster.append(1, "after").baseOffset()).isEqualTo(BATCHES);
            until(() -> cluster.end(2) == BATCHES + 1);
        }
        try (SsdStore disk = new SsdStore(directory.resolve("2"))) {
            List<Long> begins = disk.list(JournalHarness.ORDERS.toString()).stream()
                    .filter(name -> name.endsWith(".log"))
                    .map(name -> Long.parseLong(name, 0, name.indexOf('.'), 10))
                    .toList();
            assertThat(begins).hasSize(BATCHES / BATCHES_PER_SEGMENT);
            for (int i = 0; i < begins.size(); i++) {
                assertThat(begins.get(i)).isEqualTo((long) i * BATCHES_PER_SEGMENT);
            }
        }
    }

    private static void writeReferences(Path root) throws IOException {
        ByteBuf references = Unpooled.buffer();
        for (int i = 0; i < BATCHES; i++) {
            ByteBuf batch = Batches.of("v");
            RecordBatch header = new RecordBatch(batch, 0);
            header.assign(i, 0);
            new BatchReference(1, 1, 1, 0, BATCHES * BATCH_BYTES, i * BATCH_BYTES, BATCH_BYTES)
                    .write(header, references);
            batch.release();
        }
        try (SsdStore disk = new SsdStore(root);
                SegmentFile file = disk.create(JournalHarness.ORDERS.toString(), "0".repeat(20) + ".log")) {
            file.append(new ByteBuf[] {references}, 1);
            file.force();
        }
    }
}
