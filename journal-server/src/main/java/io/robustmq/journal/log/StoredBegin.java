package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;

/**
 * Makes an empty log that goes on where the object store ends. Nobody has the log open; runs in a disk thread. Wherever it is
 * interrupted, what is left is a log that begins nowhere, which is begun again.
 */
public final class StoredBegin {
    private final SegmentStore store;
    private final String shard;
    private final TierFile place;
    private final byte[] epochs;
    private final byte[] producers;

    /**
     * Takes the arrays.
     *
     * @param epochs the leader epochs up to there, as they stand in their file
     * @param producers the producer table as of there, likewise
     */
    public StoredBegin(SegmentStore store, String shard, TierFile place, byte[] epochs, byte[] producers) {
        this.store = store;
        this.shard = shard;
        this.place = place;
        this.epochs = epochs;
        this.producers = producers;
    }

    public void make() throws IOException {
        store.deleteShard(shard);
        store.replace(shard, FileNames.EPOCHS_FILE, epochs);
        store.replace(shard, FileNames.name(place.localStart(), FileNames.PRODUCERS), producers);
        place.write(store, shard);
    }
}
