package io.robustmq.journal;

import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.log.StoredBegin;
import io.robustmq.journal.log.TierFile;
import io.robustmq.journal.tier.LoopTierRequester;
import io.robustmq.journal.tier.NodeTier;
import io.robustmq.journal.tier.StoredPlan;
import io.robustmq.journal.tier.TierSide;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a shard's log begin where the object store ends: at a follower, as its leader says, and at a leader that has nothing, because
 * its disk is a new one. Owned by the shard loop; what waits for the store or the manifest answers there, and counts for the log
 * that it was asked for.
 */
final class ShardBeginning {
    private static final Logger LOG = LoggerFactory.getLogger(ShardBeginning.class);
    private static final long PAUSE_MS = 500;

    private final Shard shard;
    private final NodeTier tier;
    /** Where this log begins is being asked: to lead it, or to follow with it. */
    private @Nullable SegmentedLog leading;

    private @Nullable SegmentedLog following;
    /** The manifest said that nothing is stored, when there was nothing here. */
    private boolean isNew;

    ShardBeginning(Shard shard, NodeTier tier) {
        this.shard = shard;
        this.tier = tier;
    }

    /**
     * It is to lead an empty log: whether it must not yet. Offsets of a partition that is stored go on behind what is in the store;
     * so nothing may be appended before it is known that there is nothing.
     */
    boolean holdsLeaderBack() {
        boolean holds = !isNew
                && shard.log.endOffset() == 0
                && shard.settings().tiering().stores();
        if (holds && leading != shard.log) {
            askWhereToLead(shard.log);
        }
        return holds;
    }

    private void askWhereToLead(SegmentedLog log) {
        leading = log;
        describe(log, manifest -> leadBehind(log, manifest.segments()), () -> askAgain(log));
    }

    private void leadBehind(SegmentedLog log, List<TierSegment> stored) {
        if (stored.isEmpty()) {
            isNew = true;
            shard.takeStanding();
        } else {
            goOnBehind(stored, () -> askAgain(log));
        }
    }

    private void askAgain(SegmentedLog log) {
        var unused = shard.loop.schedule(
                PAUSE_MS,
                () -> inLoop(log, () -> {
                    leading = null;
                    shard.takeStanding();
                }));
    }

    /** What is stored is all of this log and more: unless something is appended meanwhile, the log goes on behind it. */
    void goOnBehind(List<TierSegment> stored, Runnable failed) {
        SegmentedLog log = shard.log;
        long end = log.endOffset();
        TierSegment last = stored.get(stored.size() - 1);
        tier.side(
                last,
                side -> inLoop(log, () -> {
                    if (side == null || log.endOffset() != end) {
                        failed.run();
                        return;
                    }
                    LOG.warn(
                            "shard={} end={} stored={} action=go on behind what is stored reason=\"the store has more\"",
                            shard.partition,
                            end,
                            last.endOffset());
                    begin(last, Math.max(log.startOffset(), stored.get(0).baseOffset()), side);
                }));
    }

    /** The leader says that the log goes on where the store ends. */
    void followBehind(long storedEnd, long logStart) {
        SegmentedLog log = shard.log;
        if (following == log) {
            return;
        }
        following = log;
        // When the manifest has gone on, so has what the leader says next.
        Runnable ended = () -> following = null;
        describe(
                log,
                manifest -> {
                    TierSegment last = StoredPlan.endingAt(manifest.segments(), storedEnd);
                    if (last == null) {
                        ended.run();
                        return;
                    }
                    tier.side(
                            last,
                            side -> inLoop(log, () -> {
                                ended.run();
                                if (side != null && !shard.machine.leader()) {
                                    begin(last, logStart, side);
                                }
                            }));
                },
                ended);
    }

    private void begin(TierSegment last, long logStart, TierSide side) {
        TierFile place = new TierFile(logStart, last.endOffset(), last.endOffset());
        StoredBegin change =
                new StoredBegin(shard.store, shard.partition.toString(), place, side.epochs(), side.producers());
        shard.reopen(last.endOffset(), "the object store has what lies before", change::make);
    }

    private void describe(SegmentedLog log, Consumer<TierManifest> answered, Runnable refused) {
        tier.submit(new Describe(
                new LoopTierRequester(task -> inLoop(log, task), answered, error -> refused.run()), shard.partition));
    }

    private void inLoop(SegmentedLog log, Runnable task) {
        shard.loop.execute(() -> {
            if (shard.isOpen() && shard.log == log) {
                task.run();
            }
        });
    }
}
