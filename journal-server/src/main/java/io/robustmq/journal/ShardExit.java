package io.robustmq.journal;

import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.shard.ProducerTable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The end of a shard's files. Runs in a disk thread, when the loop does not touch the log any more.
 *
 * @param log null when it never opened
 */
record ShardExit(
        SegmentStore store,
        String shard,
        @Nullable SegmentedLog log,
        ProducerTable producers,
        boolean deletes,
        boolean clean) {
    void run() throws IOException {
        if (deletes) {
            if (log != null) {
                log.close();
            }
            store.deleteShard(shard);
        } else if (log != null && clean) {
            log.closeCleanly(producers);
        } else if (log != null) {
            log.close();
        }
    }
}
