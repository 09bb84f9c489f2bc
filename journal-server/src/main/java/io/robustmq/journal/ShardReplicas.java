package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.config.ThrottledReplicas;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.journal.Standing.Sharing;
import io.robustmq.journal.log.FlushPoint;
import io.robustmq.journal.log.LogCut;
import io.robustmq.journal.replica.Held;
import io.robustmq.journal.replica.ReplicaLog;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import io.robustmq.journal.shard.FollowerMachine;
import io.robustmq.journal.shard.InSyncMachine;
import io.robustmq.journal.shard.InSyncMachine.Proposal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard's part among the replicas of its partition: drives {@link InSyncMachine} while it leads and
 * {@link FollowerMachine} while it follows. Owned by the shard loop, but for what {@link ReplicaLog} says.
 */
final class ShardReplicas implements ReplicaLog {
    private static final Logger LOG = LoggerFactory.getLogger(ShardReplicas.class);
    private static final int NOBODY = -1;
    private static final long UNKNOWN = -1;
    private static final long NS_PER_MS = 1_000_000L;

    private final Shard shard;
    private final Replication replication;
    private final InSyncMachine inSync;
    private final FollowerMachine follower = new FollowerMachine();
    private final FollowerAppends appends;
    private final EarlyPositions early = new EarlyPositions();
    private final VisiblePoints points = new VisiblePoints();
    final FollowedReaders readers;
    private final List<Growth> followersWaiting = new CopyOnWriteArrayList<>();
    private final List<Runnable> untilFlushed = new ArrayList<>();
    private volatile boolean shared;
    /** With whom; null for a partition with one replica. */
    private volatile @Nullable Sharing others;

    private boolean leads;
    private boolean mayBeInSync;
    private int followed = NOBODY;
    private int epoch = -1;
    /** Where the log ended when the leader was told of it last, as far as is known here. */
    private long toldEnd = UNKNOWN;

    private long toldAtMs;
    /** What the leader said first to be committed, since the log is open. */
    private long knownFrom = UNKNOWN;

    ShardReplicas(Shard shard, Replication replication) {
        this.shard = shard;
        this.replication = replication;
        this.appends = new FollowerAppends(shard);
        this.readers = new FollowedReaders(shard.loop::nanoTime, this::readersCame);
        this.inSync = new InSyncMachine(replication.nodeId, replication.lagMs);
    }

    /** Whether the partition has other replicas. */
    boolean shared() {
        return shared;
    }

    /** Whether readers may be told that this is the leader: not before all that was committed is known to be. */
    boolean servesReaders() {
        return !shared || inSync.isCaughtUp(shard.machine.highWatermark());
    }

    /** Whether what is acknowledged has to be on this node's disk, as nobody else may count. */
    boolean mayBeAlone() {
        return inSync.mayBeAlone();
    }

    /** Who waits for nobody must not be told that it is done by a leader that was deposed and does not know. Any thread. */
    boolean isSureToLead() {
        return !shared || replication.isSureToLead(shard.loop.nanoTime());
    }

    void take(Standing standing) {
        Sharing sharing = standing.sharing();
        shared = sharing != null;
        others = sharing;
        boolean moved = standing.epoch() != epoch || standing.leader() != leads;
        boolean mightBefore = mayBeInSync;
        mayBeInSync = sharing != null && sharing.alive().containsKey(replication.nodeId);
        epoch = standing.epoch();
        leads = standing.leader();
        if (sharing == null || leads) {
            stopFollowing();
        }
        if (sharing == null) {
            shard.window.known();
            return;
        }
        if (moved || points.isEmpty()) {
            points.clear();
            points.add(shard.log.written());
        }
        inSync.alive(sharing.alive());
        inSync.minInSync(standing.minInSync());
        if (leads) {
            inSync.lead(
                    epoch,
                    sharing.partitionEpoch(),
                    sharing.replicas(),
                    sharing.inSync(),
                    shard.log.endOffset(),
                    nowMs());
            early.take(epoch).forEach(this::hear);
        } else if (moved || followed != sharing.leaderNode() || (mayBeInSync && !mightBefore)) {
            // Where nothing is appended the leader has not heard of this node for long: who may join says that it is
            // there.
            stopFollowing();
            follow(sharing.leaderNode());
        }
        showWhole();
    }

    private void follow(int leader) {
        if (leader == NOBODY || leader == replication.nodeId) {
            return;
        }
        LOG.info("shard={} role=follower leader={} epoch={}", shard.partition, leader, epoch);
        followed = leader;
        follower.follow(epoch);
        replication.follow(leader, shard.partition, this);
    }

    void stopFollowing() {
        if (followed != NOBODY) {
            replication.leave(followed, shard.partition);
            followed = NOBODY;
        }
        follower.stop();
    }

    /** The log is another one, or begins elsewhere. */
    void reopened() {
        shard.window.unknown();
        knownFrom = UNKNOWN;
        points.clear();
        epoch = -1;
    }

    /** The log grew from {@code before}. */
    void written(long before) {
        points.add(shard.log.written());
        if (leads) {
            inSync.onWritten(before, nowMs());
        }
        showWhole();
        shard.publish();
    }

    /** The place up to where all replicas in sync have the log; null when that is no news. */
    @Nullable
    FlushPoint committed(long own) {
        return points.takeUpTo(inSync.committed(own));
    }

    /** Followers may want to know of the high watermark. */
    void advanced() {
        followersWaiting.forEach(Growth::committed);
    }

    /** Where the log begins, here or in the object store, is another place. */
    void startsChanged() {
        if (shared && shard.isOpen()) {
            showWhole();
        }
    }

    private void showWhole() {
        shard.window.showWhole(shard.log.publishWhole(leads, epoch));
        followersWaiting.forEach(Growth::grew);
    }

    /** The leader asks for another set of replicas in sync when one is due; a follower sees to it that it may be in it. */
    void check() {
        if (!shared) {
            return;
        }
        if (!leads) {
            tellAgain();
            return;
        }
        Proposal proposal =
                inSync.propose(shard.log.endOffset(), shard.machine.highWatermark(), shard.flush.safeOffset(), nowMs());
        if (proposal != null) {
            shard.flush.requestIfNeeded();
            replication.propose(shard.partition, proposal, shard.loop, outcome -> {
                long retryAtMs = nowMs() + replication.lagMs / 10;
                switch (outcome) {
                    case MADE -> {}
                    case REFUSED -> inSync.refused(proposal, retryAtMs);
                    case UNKNOWN -> inSync.unanswered(proposal, retryAtMs);
                }
                shard.advance();
            });
        }
    }

    /**
     * Who waits to be in sync has to be heard of lately. Where nothing is appended its place stays, and is not told by itself: when the
     * leader could not have it in sync at once, nobody would ask again.
     */
    private void tellAgain() {
        Sharing with = others;
        boolean waits = followed != NOBODY
                && mayBeInSync
                && with != null
                && !with.inSync().contains(replication.nodeId);
        long end = shard.log.endOffset();
        if (!waits || end != toldEnd) {
            toldEnd = end;
            toldAtMs = nowMs();
        } else if (nowMs() - toldAtMs >= replication.lagMs / 2) {
            toldAtMs = nowMs();
            replication.follow(followed, shard.partition, this);
        }
    }

    /** A flush has ended, however. One that began before the last append is not the one that is waited for. */
    void flushed() {
        if (shard.isOpen() && follower.follows() && flushesFirst()) {
            return;
        }
        List<Runnable> ready = List.copyOf(untilFlushed);
        untilFlushed.clear();
        ready.forEach(Runnable::run);
    }

    private long nowMs() {
        return shard.loop.nanoTime() / NS_PER_MS;
    }

    // ---- at the leader, for followers

    @Override
    public Fetched read(FetchPosition position, int maxBytes) {
        return shard.window.readWhole(position, maxBytes);
    }

    @Override
    public void heard(int node, long incarnation, FetchPosition position) {
        EarlyPositions.Told told = new EarlyPositions.Told(node, incarnation, position);
        shard.loop.run(() -> {
            boolean isEarly = !shard.isOpen() || position.leaderEpoch() > epoch;
            if (isEarly) {
                early.keep(told);
            } else if (leads && hear(told)) {
                shard.advance();
                check();
            }
        });
    }

    private boolean hear(EarlyPositions.Told told) {
        FetchPosition position = told.position();
        return agrees(position)
                && inSync.onFetch(
                        told.node(),
                        told.incarnation(),
                        position.leaderEpoch(),
                        position.fetchOffset(),
                        shard.log.endOffset(),
                        nowMs());
    }

    private boolean agrees(FetchPosition position) {
        FetchAnswer answer = FetchAnswer.to(
                position,
                epoch,
                shard.log.epochs().endOf(position.lastFetchedEpoch(), shard.log.endOffset()),
                new FetchAnswer.Log(
                        shard.log.startOffset(),
                        shard.log.localStart(),
                        shard.log.storedEnd(),
                        shard.log.endOffset(),
                        shard.machine.highWatermark()));
        return answer.outcome() == FetchAnswer.Outcome.AGREES;
    }

    @Override
    public Held heldFor(int node) {
        return held(node, shard.settings().throttled().leaders());
    }

    @Override
    public Held held() {
        return held(replication.nodeId, shard.settings().throttled().followers());
    }

    /** Who is in sync would fall behind, and is not held. */
    private Held held(int copiedTo, ThrottledReplicas listed) {
        Sharing now = others;
        return now == null || now.inSync().contains(copiedTo)
                ? Held.NO
                : Held.by(
                        listed.has(shard.partition.index(), replication.nodeId),
                        now.adding().contains(copiedTo));
    }

    @Override
    public Cancellable onGrowth(Growth listener) {
        followersWaiting.add(listener);
        return () -> followersWaiting.remove(listener);
    }

    // ---- at a follower

    private void readersCame() {
        shard.loop.run(() -> {
            if (followed != NOBODY) {
                replication.readersCame(followed, shard.partition);
            }
        });
    }

    @Override
    public boolean hasReaders() {
        return readers.areThere();
    }

    @Override
    public void position(Loop loop, Consumer<@Nullable FetchPosition> reply) {
        shard.loop.run(() -> tell(loop, reply));
    }

    private void tell(Loop loop, Consumer<@Nullable FetchPosition> reply) {
        if (shard.window.refusal() == BrokerError.STORAGE_ERROR) {
            stopFollowing();
        }
        FetchPosition position = shard.isOpen() && follower.follows() ? present() : null;
        loop.execute(() -> reply.accept(position));
    }

    private FetchPosition present() {
        return follower.position(shard.log.endOffset(), shard.log.epochs().latest());
    }

    @Override
    public void answered(
            FetchPosition asked,
            FetchAnswer answer,
            ByteBuf batches,
            Loop loop,
            Consumer<@Nullable FetchPosition> reply) {
        shard.loop.run(() -> {
            try {
                if (!takes(asked, answer, batches)) {
                    loop.execute(() -> reply.accept(null));
                } else if (flushesFirst()) {
                    untilFlushed.add(() -> tell(loop, reply));
                } else {
                    tell(loop, reply);
                }
            } finally {
                batches.release();
            }
        });
    }

    private boolean takes(FetchPosition asked, FetchAnswer answer, ByteBuf batches) {
        try {
            return shard.isOpen() && (wentOn(asked) || take(asked, answer, batches));
        } catch (RuntimeException | Error e) {
            shard.appends.failed("replicate", e, null);
            return false;
        }
    }

    /** Whether it has taken the answer to this before: the same position may be told, and answered, twice. */
    private boolean wentOn(FetchPosition asked) {
        FetchPosition present = present();
        return follower.follows()
                && asked.leaderEpoch() == present.leaderEpoch()
                && asked.fetchOffset() < present.fetchOffset();
    }

    /** Whether the follower may go on asking at once. */
    private boolean take(FetchPosition asked, FetchAnswer answer, ByteBuf batches) {
        long end = shard.log.endOffset();
        FollowerMachine.Step step = follower.onAnswer(
                asked, answer, present(), of -> shard.log.epochs().endOf(of, end), shard.log.localStart());
        return switch (step.kind()) {
            case WAIT -> false;
            case APPEND -> append(batches, answer);
            case CUT -> {
                shard.reopen(step.offset(), "the leader's log has something else there", cut(step, false));
                yield false;
            }
            case RESTART -> {
                shard.reopen(step.offset(), "the leader's log begins later", cut(step, true));
                yield false;
            }
            case BEGIN_STORED -> {
                beginStored(step.offset(), answer.logStart());
                yield false;
            }
        };
    }

    private LogChange cut(FollowerMachine.Step step, boolean anew) {
        return () -> new LogCut(shard.store, shard.partition.toString()).make(step.offset(), anew);
    }

    private void beginStored(long storedEnd, long logStart) {
        ShardTier tier = shard.tier;
        if (tier == null) {
            LOG.error(
                    "shard={} action=wait reason=\"its log is in an object store, and this node has none\"",
                    shard.partition);
        } else {
            tier.beginning().followBehind(storedEnd, logStart);
        }
    }

    private boolean append(ByteBuf batches, FetchAnswer answer) {
        long leaderHighWatermark = answer.highWatermark();
        long leaderStart = answer.logStart();
        shard.memory.heardLeader();
        if (batches.isReadable() && !appends.write(batches)) {
            return false;
        }
        FlushPoint visible = points.takeUpTo(Math.min(leaderHighWatermark, shard.log.endOffset()));
        if (visible != null) {
            shard.show(visible);
        }
        if (knownFrom == UNKNOWN) {
            knownFrom = leaderHighWatermark;
        }
        if (shard.machine.highWatermark() >= knownFrom) {
            shard.window.known();
        }
        boolean startMoves = leaderStart > shard.log.startOffset() && leaderStart <= shard.machine.highWatermark();
        if (startMoves && shard.settings().deletes()) {
            shard.upkeep.deleteRecords(leaderStart, shard.settings(), result -> {});
        }
        if (shard.tier != null && answer.localStart() > leaderStart) {
            shard.tier.leaderKeepsFrom(Math.min(answer.localStart(), shard.machine.highWatermark()));
        }
        return true;
    }

    /** Whether the leader is not to be told yet: what a follower says that it has must be as safe as the partition asks. */
    private boolean flushesFirst() {
        boolean waits = shard.flush.isAlways() && shard.log.endOffset() > shard.flush.flushedOffset();
        if (waits) {
            shard.flush.request();
        }
        return waits;
    }
}
