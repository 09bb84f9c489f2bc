package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts the end off a log that nobody has open. Wherever it is interrupted, what is left is a log that was cut less. Runs in a
 * disk thread; the log is opened again afterwards.
 */
public record LogCut(SegmentStore store, String shard) {
    /** Cuts at {@code offset}, or leaves an empty log that begins there. */
    public void make(long offset, boolean anew) throws IOException {
        if (anew) {
            restartAt(offset);
        } else {
            cutAt(offset);
        }
    }

    /** Keeps the batches that begin below {@code endOffset}. */
    private void cutAt(long endOffset) throws IOException {
        List<String> names = store.list(shard);
        List<String> logs = new ArrayList<>();
        for (String name : names) {
            if (FileNames.generation(name, FileNames.LOG) >= 0) {
                logs.add(name);
            }
        }
        boolean nothingStays = !logs.isEmpty() && FileNames.offset(logs.get(0)) >= endOffset;
        if (nothingStays && names.contains(FileNames.TIER_FILE)) {
            TierFile known = TierFile.read(store, shard);
            new TierFile(Math.min(known.logStart(), endOffset), endOffset, known.storedEnd()).write(store, shard);
        } else if (nothingStays) {
            new StartFile(store, shard, endOffset).write();
        }
        for (int i = logs.size() - 1; i >= 0; i--) {
            String log = logs.get(i);
            long base = FileNames.offset(log);
            boolean reaches = i == logs.size() - 1 || FileNames.offset(logs.get(i + 1)) > endOffset;
            if (base >= endOffset) {
                forget(log);
                store.delete(shard, log);
            } else if (reaches) {
                shorten(log, endOffset);
            }
        }
        cutEpochs(names, endOffset);
    }

    private void restartAt(long startOffset) throws IOException {
        store.deleteShard(shard);
        new StartFile(store, shard, startOffset).write();
    }

    /** Without its index nothing of the segment is trusted before it was scanned. */
    private void forget(String log) throws IOException {
        long base = FileNames.offset(log);
        int generation = FileNames.generation(log, FileNames.LOG);
        store.delete(shard, FileNames.name(base, generation, FileNames.INDEX));
        store.delete(shard, FileNames.name(base, generation, FileNames.ABORTED));
    }

    private void shorten(String log, long endOffset) throws IOException {
        try (SegmentFile file = store.open(shard, log)) {
            int limit = (int) file.size();
            BatchWalk walk = BatchWalk.over(file, limit);
            int position = 0;
            while (position < limit) {
                RecordBatch batch = walk.at(position);
                if (batch.baseOffset() >= endOffset) {
                    break;
                }
                position += batch.sizeInBytes();
            }
            if (position < limit) {
                forget(log);
                file.truncate(position);
                file.force();
            }
        }
    }

    private void cutEpochs(List<String> names, long endOffset) throws IOException {
        if (names.contains(FileNames.EPOCHS_FILE)) {
            EpochHistory epochs = new EpochHistory();
            epochs.decode(SideFile.read(store, shard, FileNames.EPOCHS_FILE, EpochHistory.VERSION));
            epochs.truncateTo(endOffset);
            store.replace(shard, FileNames.EPOCHS_FILE, epochs.encode());
        }
    }
}
