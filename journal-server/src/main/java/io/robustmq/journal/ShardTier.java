package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.tier.TierCommand.Claim;
import io.robustmq.core.tier.TierCommand.Commit;
import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.core.tier.TierCommand.Lead;
import io.robustmq.core.tier.TierCommand.Retire;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierRequester;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.log.TierFile;
import io.robustmq.journal.log.TierSource;
import io.robustmq.journal.tier.LoopTierRequester;
import io.robustmq.journal.tier.NodeTier;
import io.robustmq.journal.tier.StoredPlan;
import io.robustmq.journal.tier.TierReads;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard's part in the object store: what its leader stores, lets go here and there, and where a follower begins. Owned by the
 * shard loop; what waits for the store or the manifest answers there.
 *
 * <pre>
 *            leads                  manifest
 *   IDLE ─────────────► ASKING ─────────────────► READY
 *     ▲                    │ refused                │ fenced, or the outcome of a commit is not known
 *     └────────────────────┴────────────────────────┘
 * </pre>
 *
 * A segment is stored, then the manifest has it, then it may go here. Nothing else deletes of this log what is not below its start.
 */
final class ShardTier {
    private static final Logger LOG = LoggerFactory.getLogger(ShardTier.class);
    private static final long PAUSE_MS_MIN = 500;
    private static final long PAUSE_MS_MAX = 30_000;

    private final Shard shard;
    private final NodeTier tier;
    private final TierReads reads;
    private final ShardBeginning beginning;
    private final ManifestCheck manifests;

    /** Written in the loop alone. */
    private volatile Phase phase = Phase.IDLE;

    private Claim claim = new Claim(-1, -1);
    private List<TierSegment> segments = List.of();
    private String storing = "";
    private boolean retiring;
    private boolean movingStart;
    private long againAtMs;
    private long pauseMs = PAUSE_MS_MIN;
    private final OrphanSweep sweeps;
    /** What began before it changed is of no interest. */
    private int generation;

    private enum Phase {
        IDLE,
        ASKING,
        READY
    }

    ShardTier(Shard shard, NodeTier tier) {
        this.shard = shard;
        this.tier = tier;
        this.reads = new TierReads(shard.partition, tier);
        this.beginning = new ShardBeginning(shard, tier);
        this.manifests = new ManifestCheck(shard.partition, tier);
        this.sweeps = new OrphanSweep(shard.partition, tier);
    }

    /** Any thread. */
    TierReads reads() {
        return reads;
    }

    /** Where the log begins of which the store has a part. */
    ShardBeginning beginning() {
        return beginning;
    }

    /** The shard leads no more, or in another epoch, or has another log, or its manifest may be emptied before the next look. */
    void begin() {
        generation++;
        phase = Phase.IDLE;
        segments = List.of();
        storing = "";
        retiring = false;
        movingStart = false;
        againAtMs = 0;
        reads.show(null);
    }

    /** Any thread: whether there is something to check. */
    boolean isConcerned() {
        PartitionState state = shard.window.view().state();
        return shard.settings().tiering().stores()
                || phase != Phase.IDLE
                || state.storedEndOffset() != PartitionState.NOTHING_STORED
                || state.localStartOffset() > state.logStartOffset();
    }

    void check(long nowMs) {
        if (!shard.settings().tiering().stores()) {
            takeBack(nowMs);
            return;
        }
        if (!shard.machine.leader()) {
            return;
        }
        if (phase != Phase.IDLE && claim.leaderEpoch() != shard.machine.leaderEpoch()) {
            begin();
        }
        if (phase == Phase.IDLE && nowMs >= againAtMs) {
            lead();
        } else if (phase == Phase.READY) {
            work(nowMs);
        }
    }

    /** Looks with the next check for objects that nothing refers to. */
    void sweepSoon() {
        sweeps.soon();
    }

    /**
     * The topic is not to be stored any more, and its log begins with what is here; but only when the manifest says, too, that nothing
     * is stored: the image that this node has may be older than what is.
     */
    private void takeBack(long nowMs) {
        if (phase == Phase.READY) {
            begin();
        }
        boolean isBack = shard.log.storedEnd() == PartitionState.NOTHING_STORED
                && shard.log.localStart() <= shard.log.startOffset();
        if (!shard.machine.leader() || isBack || phase == Phase.ASKING || movingStart || nowMs < againAtMs) {
            return;
        }
        phase = Phase.ASKING;
        tier.submit(new Describe(
                inLoop(manifest -> takeBack(manifest.segments()), error -> later("take back", error)),
                shard.partition));
    }

    private void takeBack(List<TierSegment> left) {
        phase = Phase.IDLE;
        if (!left.isEmpty()) {
            pause();
            return;
        }
        pauseMs = PAUSE_MS_MIN;
        if (shard.settings().tiering().stores()) {
            return;
        }
        show();
        long local = shard.log.localStart();
        if (local > shard.log.startOffset()) {
            LOG.info(
                    "shard={} start={}→{} reason=\"not stored any more\"",
                    shard.partition,
                    shard.log.startOffset(),
                    local);
            moveStart(local);
        }
    }

    private void lead() {
        phase = Phase.ASKING;
        claim = new Claim(shard.machine.leaderEpoch(), -1);
        int began = generation;
        manifests.check(
                shard.log,
                task -> inGeneration(began, task),
                this::claim,
                this::manifestLost,
                error -> later("lead", error));
    }

    private void claim() {
        int epoch = claim.leaderEpoch();
        tier.submit(new Lead(
                inLoop(
                        manifest -> {
                            claim = new Claim(epoch, manifest.term());
                            take(manifest.segments());
                        },
                        error -> later("lead", error)),
                shard.partition,
                epoch,
                tier.imageIndex()));
    }

    /** Nothing is given up or deleted by a manifest that knows less than the log, or than the store, has. */
    private void manifestLost() {
        phase = Phase.IDLE;
        againAtMs = shard.loop.nowMs() + PAUSE_MS_MAX;
        reads.show(List.of());
        manifests.tellLost(shard.log);
    }

    private void take(List<TierSegment> known) {
        SegmentedLog log = shard.log;
        segments = known;
        long end = storedEnd();
        long alike = end < 0
                ? end
                : log.epochs()
                        .endOf(known.get(known.size() - 1).leaderEpoch(), log.endOffset())
                        .endOffset();
        if (alike < end) {
            againAtMs = shard.loop.nowMs() + PAUSE_MS_MAX;
            phase = Phase.IDLE;
            if (alike == log.endOffset() && !shard.replicas.shared()) {
                beginning.goOnBehind(known, () -> {});
                return;
            }
            manifests.tellAnotherLog(log, alike, end);
            // What both have alike can be read.
            reads.show(known.stream()
                    .filter(segment -> segment.endOffset() <= alike)
                    .toList());
            return;
        }
        if (end >= 0 && ManifestCheck.lacks(log, end)) {
            manifestLost();
            return;
        }
        phase = Phase.READY;
        sweeps.begin();
        LOG.info(
                "shard={} epoch={} term={} stored={} segments={}",
                shard.partition,
                claim.leaderEpoch(),
                claim.term(),
                end,
                known.size());
        long floor = known.isEmpty()
                ? log.localStart()
                : Math.min(log.localStart(), known.get(0).baseOffset());
        if (log.startOffset() < floor) {
            moveStart(floor);
        }
        show();
        check(shard.loop.nowMs());
    }

    private void work(long nowMs) {
        ShardHome home = shard.home;
        boolean isDue = home == null ? shard.log.activeOutlived(nowMs) : home.isRewriteDue(nowMs);
        if (isDue) {
            boolean unused = shard.upkeep.roll(nowMs);
        }
        retain(nowMs);
        retire();
        store(nowMs);
        int began = generation;
        sweeps.check(nowMs, shard.loop, names -> {
            if (began == generation && shard.isOpen()) {
                sweep(names);
            }
        });
    }

    private long storedEnd() {
        return segments.isEmpty() ? -1 : segments.get(segments.size() - 1).endOffset();
    }

    /** Readers and followers see what is stored by now. */
    private void show() {
        shard.log.stored(storedEnd());
        reads.show(segments);
        shard.publish();
        shard.replicas.startsChanged();
    }

    // ---- into the store

    private void store(long nowMs) {
        if (!storing.isEmpty()
                || nowMs < againAtMs
                || !shard.settings().tiering().copies()) {
            return;
        }
        long end = storedEnd();
        if (end >= 0 && end < shard.log.localStart()) {
            // What is stored is below the log's start, and is retired first.
            return;
        }
        TierSource source =
                shard.log.nextToStore(end, shard.machine.lastStableOffset(), ShardHome.payloads(shard.home));
        if (source == null) {
            return;
        }
        storing = tier.name(shard.partition, source.from(), claim.term());
        int began = generation;
        tier.upload(
                source,
                storing,
                claim.leaderEpoch(),
                shard.context.config().producersMax(),
                segments.isEmpty() ? null : segments.get(segments.size() - 1),
                new NodeTier.Uploaded() {
                    @Override
                    public void stored(TierSegment segment) {
                        inGeneration(began, () -> commit(segment));
                    }

                    @Override
                    public void failed(Throwable cause) {
                        inGeneration(began, () -> storeLater(source, cause));
                    }
                });
    }

    private void storeLater(TierSource source, Throwable cause) {
        LOG.warn(
                "shard={} segment={} action=store later ms={} reason=\"{}\"",
                shard.partition,
                source,
                pauseMs,
                cause.toString(),
                NodeTier.trace(cause));
        if (cause instanceof StoreException failure && failure.kind() == StoreException.Kind.NOT_FOUND) {
            // What was stored before is gone, so the manifest is another one: the topic was taken back, and is stored
            // again.
            begin();
        }
        storing = "";
        pause();
        sweeps.notAfter(againAtMs);
    }

    private void pause() {
        againAtMs = shard.loop.nowMs() + pauseMs;
        pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
    }

    private void commit(TierSegment segment) {
        CrashPoint.BEFORE_COMMIT.reached();
        tier.submit(new Commit(
                inLoop(manifest -> committed(segment), error -> later("commit", error)),
                shard.partition,
                claim,
                segment));
    }

    private void committed(TierSegment segment) {
        CrashPoint.COMMITTED.reached();
        List<TierSegment> next = new ArrayList<>(segments);
        next.add(segment);
        segments = List.copyOf(next);
        storing = "";
        pauseMs = PAUSE_MS_MIN;
        show();
        check(shard.loop.nowMs());
    }

    /** Who leads, and what is in the manifest, is to be asked anew: in another term nothing that is on its way counts. */
    private void later(String action, BrokerError error) {
        LOG.info("shard={} action={} again ms={} reason={}", shard.partition, action, pauseMs, error);
        begin();
        pause();
    }

    // ---- out of it, and out of here

    private void retain(long nowMs) {
        SegmentedLog log = shard.log;
        if (movingStart || !shard.settings().deletes()) {
            return;
        }
        long newStart = StoredPlan.newStart(
                segments, shard.settings(), nowMs, log.bytesFrom(Math.max(0, storedEnd())), log.startOffset());
        if (!shard.settings().tiering().copies() && newStart >= storedEnd()) {
            // What follows is not waiting to be stored.
            newStart = Math.max(newStart, log.retentionStart(nowMs, shard.machine.highWatermark()));
        }
        if (newStart > log.startOffset()) {
            if (log.activeExpired(newStart) && !shard.upkeep.roll(nowMs)) {
                return;
            }
            LOG.info("shard={} start={}→{} reason=retention", shard.partition, log.startOffset(), newStart);
            moveStart(newStart);
            return;
        }
        long local = log.localRetentionStart(nowMs, Math.min(shard.machine.highWatermark(), storedEnd()));
        if (local > log.localStart()) {
            moveLocalStart(local, storedEnd());
        }
    }

    private void moveStart(long newStart) {
        movingStart = true;
        int began = generation;
        // Also where the topic's policy has no deletion by now.
        shard.upkeep.deleteRecords(newStart, TopicSettings.DEFAULTS, result -> {
            if (began == generation) {
                movingStart = false;
            }
        });
    }

    private void moveLocalStart(long local, long stored) {
        movingStart = true;
        int began = generation;
        TierFile file = new TierFile(shard.log.startOffset(), local, stored);
        shard.upkeep.moveLocalStart(file, moved -> {
            if (began == generation) {
                movingStart = false;
            }
            shard.replicas.startsChanged();
        });
    }

    private void retire() {
        if (retiring || segments.isEmpty() || segments.get(0).endOffset() > shard.log.startOffset()) {
            return;
        }
        CrashPoint.BEFORE_RETIRE.reached();
        retiring = true;
        tier.submit(new Retire(
                inLoop(this::retired, error -> later("retire", error)),
                shard.partition,
                claim,
                shard.log.startOffset()));
    }

    private void retired(TierManifest gone) {
        CrashPoint.RETIRED.reached();
        retiring = false;
        List<TierSegment> left = new ArrayList<>(segments);
        left.removeAll(gone.segments());
        segments = List.copyOf(left);
        show();
    }

    private void sweep(@Nullable List<String> names) {
        if (names == null || phase != Phase.READY) {
            return;
        }
        List<String> orphans = sweeps.orphans(names, segments, storing, claim.term(), shard.log.startOffset());
        if (!orphans.isEmpty()) {
            tier.deleteOrphans(shard.partition, orphans);
        }
    }

    // ---- at a follower

    /** The leader has nothing below the offset any more, as the store has it: nor need this node. */
    void leaderKeepsFrom(long leaderLocalStart) {
        SegmentedLog log = shard.log;
        if (shard.home != null && leaderLocalStart > log.storedEnd()) {
            log.stored(leaderLocalStart);
            shard.publish();
        }
        if (movingStart || leaderLocalStart <= log.localStart()) {
            return;
        }
        if (log.activeExpired(leaderLocalStart) && !shard.upkeep.roll(shard.loop.nowMs())) {
            return;
        }
        long boundary = Math.min(leaderLocalStart, log.segmentStart(leaderLocalStart));
        if (boundary > log.localStart()) {
            moveLocalStart(boundary, boundary);
        }
    }

    // ---- back into the loop

    private TierRequester inLoop(Consumer<TierManifest> answered, Consumer<BrokerError> refused) {
        int began = generation;
        return new LoopTierRequester(task -> inGeneration(began, task), answered, refused);
    }

    private void inGeneration(int began, Runnable task) {
        shard.loop.execute(() -> {
            if (began == generation && shard.isOpen()) {
                task.run();
            }
        });
    }
}
