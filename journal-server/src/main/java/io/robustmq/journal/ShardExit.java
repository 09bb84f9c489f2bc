package io.robustmq.journal;

import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.shard.ProducerTable;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
        ShardMemory memory,
        boolean deletes,
        boolean clean) {
    private static final Logger LOG = LoggerFactory.getLogger(ShardExit.class);

    /** @param closed is told whether the log was whole to the end */
    void run(Executor disk, CompletableFuture<Boolean> closed) {
        disk.execute(() -> {
            try {
                run();
                closed.complete(clean);
            } catch (IOException | RuntimeException e) {
                LOG.error("shard={} action=close failed", shard, e);
                closed.completeExceptionally(e);
            }
        });
    }

    private void run() throws IOException {
        if (deletes) {
            if (log != null) {
                log.close();
            }
            store.deleteShard(shard);
        } else if (log != null && clean && !memory.isGoneWhenClosed()) {
            log.closeCleanly(producers);
        } else if (log != null) {
            log.close();
        }
        memory.close(log, deletes, clean);
    }
}
