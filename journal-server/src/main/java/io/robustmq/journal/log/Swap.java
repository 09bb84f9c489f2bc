package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.util.List;

/** Neighbouring segments and the one that takes their place; it is complete and forced, but does not count yet. */
public final class Swap {
    private final SegmentStore store;
    private final String shard;
    final List<Segment> inputs;
    final Segment output;

    Swap(SegmentStore store, String shard, List<Segment> inputs, Segment output) {
        this.store = store;
        this.shard = shard;
        this.inputs = List.copyOf(inputs);
        this.output = output;
    }

    /** Runs in a disk thread: from now on, and whatever happens, the output is what the log consists of. */
    public void commit() throws IOException {
        SealJob.writeIndex(store, shard, output);
        output.sealedIn(store, shard);
    }

    /** What the log loses by the swap. */
    public long bytesFreed() {
        long bytes = -output.sizeInBytes();
        for (Segment input : inputs) {
            bytes += input.sizeInBytes();
        }
        return bytes;
    }
}
