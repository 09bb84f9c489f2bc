package io.robustmq.journal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says when a shard's store becomes full and when it has room again, and repeats the former now and then. Owned by the shard loop. */
final class FullStoreLog {
    private static final Logger LOG = LoggerFactory.getLogger(Shard.class);
    private static final long INTERVAL_NS = 10_000_000_000L;

    private final String shard;
    private long loggedNs;
    private boolean full;

    FullStoreLog(String shard) {
        this.shard = shard;
    }

    void full(Exception cause, long nowNs) {
        if (!full || nowNs - loggedNs > INTERVAL_NS) {
            LOG.error("shard={} action=refuse appends, reads go on reason=\"{}\"", shard, cause.getMessage());
            loggedNs = nowNs;
            full = true;
        }
    }

    void roomAgain() {
        if (full) {
            full = false;
            LOG.info("shard={} action=accept appends again reason=\"there is room\"", shard);
        }
    }
}
