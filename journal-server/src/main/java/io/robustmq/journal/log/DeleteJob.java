package io.robustmq.journal.log;

import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.util.List;

/** Deletes segments that left the log, oldest first. Run by a disk thread; open slices keep their bytes. */
public final class DeleteJob {
    private final SegmentStore store;
    private final String shard;
    private final List<Segment> segments;
    private final Segment firstKept;

    DeleteJob(SegmentStore store, String shard, List<Segment> segments, Segment firstKept) {
        this.store = store;
        this.shard = shard;
        this.segments = segments;
        this.firstKept = firstKept;
    }

    public void run() throws IOException {
        // The name that says where the log continues must be durable before the others go.
        firstKept.file.force();
        for (Segment segment : segments) {
            store.delete(shard, segment.logName());
            CrashPoint.LOCAL_LOG_DELETED.reached();
            store.delete(shard, segment.indexName());
            store.delete(shard, segment.abortedName());
            segment.close();
        }
    }

    public int count() {
        return segments.size();
    }
}
