package io.robustmq.journal;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.tier.LoopTierRequester;
import io.robustmq.journal.tier.NodeTier;
import io.robustmq.journal.tier.StoredPlan;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, before a shard leads in a manifest where nobody did, whether an earlier one is lost: leading would count, and what that one
 * knew of be given up and deleted. Owned by the shard loop.
 */
final class ManifestCheck {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestCheck.class);

    private final Partition partition;
    private final NodeTier tier;

    ManifestCheck(Partition partition, NodeTier tier) {
        this.partition = partition;
        this.tier = tier;
    }

    /**
     * Tells one of the three.
     *
     * @param loop runs a task in the shard loop, unless it is of no interest any more
     * @param later when the manifest or the store does not say
     */
    void check(SegmentedLog log, Consumer<Runnable> loop, Runnable sound, Runnable lost, Consumer<BrokerError> later) {
        tier.submit(new Describe(
                new LoopTierRequester(
                        loop,
                        manifest -> {
                            if (manifest.term() > 0) {
                                sound.run();
                            } else {
                                tier.list(
                                        partition,
                                        names -> loop.accept(() -> {
                                            if (names == null) {
                                                later.accept(BrokerError.STORAGE_ERROR);
                                            } else if (lacks(log, -1) || StoredPlan.hasSegments(names)) {
                                                lost.run();
                                            } else {
                                                sound.run();
                                            }
                                        }));
                            }
                        },
                        later),
                partition));
    }

    /** Whether part of the log is neither here nor, as it is stored up to {@code end}, in the store. */
    static boolean lacks(SegmentedLog log, long end) {
        return log.localStart() > Math.max(end, log.startOffset());
    }

    void tellAnotherLog(SegmentedLog log, long alike, long storedEnd) {
        LOG.error(
                "shard={} end={} alike={} stored={} action=store nothing reason=\"the object store has another log than"
                        + " this one: it lost records\"",
                partition,
                log.endOffset(),
                alike,
                storedEnd);
    }

    void tellLost(SegmentedLog log) {
        LOG.error(
                "shard={} start={} local={} action=store nothing reason=\"the manifest of what is in the object store is gone:"
                        + " restore it, or begin with what is here by remote.storage.enable=false\"",
                partition,
                log.startOffset(),
                log.localStart());
    }
}
