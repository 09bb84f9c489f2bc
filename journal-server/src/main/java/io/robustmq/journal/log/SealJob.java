package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

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
        if (segment.aborted() instanceof MemoryAborted aborted && aborted.count() > 0) {
            store.replace(shard, abortedName(), SideFile.frame(AbortedIndex.VERSION, aborted.encode()));
        }
        store.replace(shard, FileNames.name(segment.baseOffset, FileNames.INDEX), encodeIndex());
        deleteOlderSnapshots();
    }

    FileIndex sealedIndex() {
        String name = FileNames.name(segment.baseOffset, FileNames.INDEX);
        return new FileIndex(store, shard, name, segment.index().count());
    }

    /** Null when no transaction was aborted in the segment. */
    @Nullable
    FileAborted sealedAborted() {
        int count = segment.aborted().count();
        return count == 0 ? null : new FileAborted(store, shard, abortedName(), count);
    }

    private String abortedName() {
        return FileNames.name(segment.baseOffset, FileNames.ABORTED);
    }

    private byte[] encodeIndex() throws IOException {
        return IndexFile.encode(segment.index(), segment.sizeInBytes(), segment.nextOffset(), segment.maxTimestamp());
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
