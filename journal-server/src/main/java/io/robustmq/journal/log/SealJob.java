package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;

/**
 * Makes a full segment trusted: forces it, then writes what a later start needs to skip its scan. Made by the shard loop, run
 * by a disk thread; running it again does no harm.
 */
public final class SealJob {
    private final SegmentStore store;
    private final String shard;
    private final byte[] producers;
    private final byte[] epochs;
    private final long producersOffset;
    final Segment segment;

    SealJob(SegmentStore store, String shard, Segment segment, long producersOffset, byte[] producers, byte[] epochs) {
        this.store = store;
        this.shard = shard;
        this.segment = segment;
        this.producersOffset = producersOffset;
        this.producers = producers;
        this.epochs = epochs;
    }

    /** The order matters: an index file says that all the rest is there. */
    public void run() throws IOException {
        segment.file.force();
        store.replace(shard, FileNames.EPOCHS_FILE, epochs);
        store.replace(shard, FileNames.name(producersOffset, FileNames.PRODUCERS), producers);
        writeIndex(store, shard, segment);
        deleteOlderSnapshots();
    }

    /** Of a segment whose bytes are forced. Its aborted transactions come first: who finds the index asks for them. */
    static void writeIndex(SegmentStore store, String shard, Segment segment) throws IOException {
        if (segment.aborted() instanceof MemoryAborted aborted && aborted.count() > 0) {
            store.replace(shard, segment.abortedName(), SideFile.frame(AbortedIndex.VERSION, aborted.encode()));
        }
        byte[] bytes =
                IndexFile.encode(segment.index(), segment.sizeInBytes(), segment.nextOffset(), segment.maxTimestamp());
        store.replace(shard, segment.indexName(), bytes);
    }

    /** Keeps the one before as well: the newest may have been written for records that a power cut takes. */
    private void deleteOlderSnapshots() throws IOException {
        int newer = 0;
        var names = store.list(shard);
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            if (FileNames.isA(name, FileNames.PRODUCERS) && FileNames.offset(name) <= producersOffset && ++newer > 2) {
                store.delete(shard, name);
            }
        }
    }
}
