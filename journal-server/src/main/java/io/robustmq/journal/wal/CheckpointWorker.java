package io.robustmq.journal.wal;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces what a full write-ahead file covers, so that the file can be used again. Paced: it rests as long as it works, so
 * that appends keep the better part of the disk, unless the other file fills up meanwhile. Owned by the checkpoint thread.
 */
public final class CheckpointWorker {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointWorker.class);
    private static final long REST_NS_MAX = TimeUnit.MILLISECONDS.toNanos(20);

    private final BooleanSupplier urgent;
    private final LongConsumer rest;

    /**
     * @param urgent whether the next file is needed soon
     * @param rest waits for so many nanoseconds
     */
    public CheckpointWorker(BooleanSupplier urgent, LongConsumer rest) {
        this.urgent = urgent;
        this.rest = rest;
    }

    /** Returns how many segments were forced. A failure leaves the file as it is, for a replay. */
    public int run(WalFile file) {
        int forced = 0;
        GuardedFile at = null;
        try {
            for (GuardedFile segment : file.covered) {
                at = segment;
                if (segment.behind()) {
                    long startNs = System.nanoTime();
                    force(segment);
                    forced++;
                    if (!urgent.getAsBoolean()) {
                        rest.accept(Math.min(REST_NS_MAX, System.nanoTime() - startNs));
                    }
                }
            }
            file.checkpointed();
        } catch (IOException | RuntimeException e) {
            LOG.error(
                    "shard={} file={} action=keep {} for the next start reason=\"the segment's flush failed\"",
                    at == null ? "" : at.shard,
                    at == null ? "" : at.name,
                    file.name,
                    e);
        }
        return forced;
    }

    private static void force(GuardedFile segment) throws IOException {
        try {
            segment.force();
        } catch (IllegalStateException e) {
            // Closed meanwhile: after a flush of its own, or because it is deleted.
            if (segment.behind()) {
                throw e;
            }
        }
    }
}
