package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.journal.home.NodeHome;
import io.robustmq.journal.log.FlushPoint;
import io.robustmq.journal.log.LogOpener;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.shard.ShardMachine;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition's log at work: drives {@link ShardMachine} and {@link SegmentedLog}. Owned by its loop; {@link #submit} and
 * the {@link #window} may be used from any thread.
 *
 * <pre>
 *   OPENING ──► OPEN ──► CLOSING ──► CLOSED
 *      └──────────┴──► OFFLINE ─────────┘
 *                 ▲       │
 *                 └───────┘ there is room again, for want of which it was not opened
 * </pre>
 */
final class Shard {
    private static final Logger LOG = LoggerFactory.getLogger(Shard.class);
    private static final int QUEUE_CHUNK = 64;
    private static final int ROOM_CHECK_MS = 2_000;

    final Partition partition;
    final Loop loop;
    final SegmentStore store;
    final ShardWindow window;
    final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();
    /** Whether its log was whole to the end. */
    final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    private final String name;
    final ShardContext context;
    final SerialExecutor disk;
    ProducerTable producers;
    final ShardReplicas replicas;
    /** Null where there is no object store. */
    final @Nullable ShardTier tier;
    /** Null where the log has the records itself. */
    final @Nullable ShardHome home;

    private final MpscUnboundedArrayQueue<AppendRequest> queue = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private final Runnable drainTask = this::drain;
    final Replies replies;
    final WaitingAppends waiting;
    final ShardMemory memory;
    final ShardFlush flush = new ShardFlush(this);

    private ShardStatus status = ShardStatus.OPENING;
    private volatile TopicSettings settings;
    private Standing standing;
    private @Nullable Boolean closeByDeleting;
    /** It is offline for want of room alone, and will be opened when there is some. */
    private boolean awaitsRoom;

    final ShardAppends appends;
    ShardMachine machine;
    SegmentedLog log;
    ShardUpkeep upkeep;
    private FlushPoint visible;

    @SuppressWarnings("NullAway.Init") // machine, log and visible come with opening
    Shard(
            Partition partition,
            Loop loop,
            SegmentStore store,
            TopicSettings settings,
            Standing standing,
            ShardContext context) {
        this.partition = partition;
        this.name = partition.toString();
        this.loop = loop;
        this.store = store;
        this.settings = settings;
        this.standing = standing;
        this.context = context;
        this.disk = new SerialExecutor(context.disk());
        this.producers = new ProducerTable(context.config().producersMax());
        this.tier = context.tier() == null ? null : new ShardTier(this, context.tier());
        NodeHome node = settings.isHome() ? context.home() : null;
        this.home = node == null ? null : new ShardHome(this, node);
        this.window = new ShardWindow(
                name,
                standing.epoch(),
                context.config().waitersMax(),
                tier == null ? null : tier.reads(),
                node == null ? null : node.reads());
        this.appends = new ShardAppends(this);
        this.replies = new Replies(context.inflight(), context.metrics());
        this.waiting = new WaitingAppends(loop, replies);
        this.replicas = new ShardReplicas(this, context.replication());
        this.memory = new ShardMemory(this, context);
    }

    /** Begins to recover in a disk thread; {@link #opened} tells when who waited was, and others are, served. */
    void open() {
        boolean leads = standing.sharing() == null || standing.leader();
        open(() -> memory.open(leads));
    }

    private void open(LogChange before) {
        TopicSettings atOpen = settings;
        ProducerTable table = producers;
        boolean alone = standing.sharing() == null;
        long nowMs = loop.nowMs();
        disk.execute(() -> {
            try {
                before.make();
                SegmentedLog recovered = new LogOpener(store, name, atOpen, table, nowMs, alone).open();
                loop.execute(() -> onOpened(recovered));
            } catch (IOException | RuntimeException | Error e) {
                loop.execute(() -> onNotOpened(before, e));
            }
        });
    }

    /** Any thread. Takes the request; it is answered in every case. */
    void submit(AppendRequest request) {
        if (!context.inflight().take(request.bytes)) {
            request.batches.release();
            context.metrics().refused(BrokerError.OVERLOADED);
            request.replyLoop.run(() -> request.reply.accept(AppendResult.refused(BrokerError.OVERLOADED)));
            return;
        }
        queue.offer(request);
        if (drainScheduled.compareAndSet(false, true)) {
            loop.execute(drainTask);
        }
    }

    /** The image changed. */
    void update(Standing newStanding, TopicSettings newSettings) {
        loop.run(() -> {
            boolean endsStoring =
                    settings.tiering().stores() && !newSettings.tiering().stores();
            standing = newStanding;
            settings = newSettings;
            if (status == ShardStatus.OPEN) {
                if (endsStoring && tier != null) {
                    tier.begin();
                }
                log.settings(newSettings);
                machine.settings(newSettings);
                takeStanding();
                replies.send();
            }
        });
    }

    /** Any thread. Runs the task in the loop, if the shard is open then. */
    void whenOpen(Consumer<Shard> task) {
        loop.run(() -> {
            if (status == ShardStatus.OPEN) {
                task.accept(this);
            }
        });
    }

    TopicSettings settings() {
        return settings;
    }

    /** Any thread. */
    TopicSettings.Compress compress() {
        return settings.compress();
    }

    boolean isOpen() {
        return status == ShardStatus.OPEN;
    }

    /** Whether it is open, or answers what is left before it closes. */
    boolean isAtWork() {
        return status == ShardStatus.OPEN || status == ShardStatus.CLOSING;
    }

    void deleteRecords(long beforeOffset, ShardUpkeep.Reply reply) {
        loop.run(() -> {
            if (status != ShardStatus.OPEN || !machine.leader()) {
                reply.accept(AppendResult.refused(
                        status == ShardStatus.OFFLINE ? BrokerError.STORAGE_ERROR : BrokerError.NOT_LEADER));
            } else {
                upkeep.deleteRecords(beforeOffset, settings, reply);
            }
        });
    }

    /** Ends the shard; {@link #closed} tells when its files are let go, or gone. */
    void close(boolean deletes) {
        loop.run(() -> {
            closeByDeleting = deletes || Boolean.TRUE.equals(closeByDeleting);
            if (status == ShardStatus.OPEN) {
                status = ShardStatus.CLOSING;
                window.shut(deletes ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION : BrokerError.NOT_LEADER);
                drain();
                // Followers can read no more: what waits for them waits for nothing.
                if (deletes || waiting.isEmpty() || !flush.isUnderWay()) {
                    finishClose();
                }
            } else if (status == ShardStatus.OFFLINE) {
                finishClose();
            }
        });
    }

    // ---- in the loop from here on

    private void onNotOpened(LogChange before, Throwable why) {
        if (status == ShardStatus.OFFLINE && !awaitsRoom) {
            return;
        }
        boolean isFull = why instanceof StoreException failure && failure.kind() == StoreException.Kind.FULL;
        if (awaitsRoom && !isFull) {
            LOG.error("shard={} status=OFFLINE action=open again", name, why);
        }
        goOffline("open", why);
        opened.completeExceptionally(why);
        if (status == ShardStatus.OFFLINE && isFull) {
            awaitsRoom = true;
            loop.schedule(ROOM_CHECK_MS, () -> openAgain(before));
        }
    }

    /** What {@code before} did already, it finds done. */
    private void openAgain(LogChange before) {
        if (awaitsRoom) {
            producers = new ProducerTable(context.config().producersMax());
            open(before);
        }
    }

    private void onOpened(SegmentedLog recovered) {
        if (status == ShardStatus.CLOSED || (status == ShardStatus.OFFLINE && !awaitsRoom)) {
            disk.execute(() -> closeUnused(recovered));
            return;
        }
        if (awaitsRoom) {
            awaitsRoom = false;
            window.shut(BrokerError.NOT_LEADER);
            LOG.info("shard={} status=OFFLINE→OPEN reason=\"there is room again\"", name);
        }
        log = recovered;
        boolean alone = standing.sharing() == null;
        long committed = alone ? recovered.endOffset() : recovered.localStart();
        int decompressedBytesMax = context.config().decompressedBytesMax();
        machine = new ShardMachine(producers, settings, recovered.endOffset(), committed, decompressedBytesMax);
        visible = alone ? recovered.written() : new FlushPoint(committed, null, 0, List.of());
        flush.opened(recovered.endOffset());
        upkeep = new ShardUpkeep(this, context, disk, recovered, machine, producers, settings);
        recovered.settings(settings);
        status = ShardStatus.OPEN;
        takeStanding();
        if (status != ShardStatus.OPEN) {
            return;
        }
        window.open(recovered);
        if (closeByDeleting != null) {
            close(closeByDeleting);
        } else {
            drain();
        }
        opened.complete(null);
    }

    private void closeUnused(SegmentedLog unused) {
        try {
            unused.close();
        } catch (IOException e) {
            LOG.warn("shard={} action=close reason=\"{}\"", name, e.getMessage());
        }
    }

    /** Acts on what the image says, or on what held it back before. */
    void takeStanding() {
        if (standing.leader() && memory.beginsAnew()) {
            return;
        }
        boolean led = machine.leader();
        boolean holds =
                standing.leader() && !led && tier != null && tier.beginning().holdsLeaderBack();
        takeStanding(holds ? standing.heldBack() : standing, led);
    }

    private void takeStanding(Standing standing, boolean led) {
        if (tier != null && (standing.leader() != led || standing.epoch() != machine.leaderEpoch())) {
            tier.begin();
        }
        if (standing.leader()) {
            machine.lead(standing.epoch(), standing.inSyncReplicas(), standing.minInSync());
        } else {
            machine.follow(standing.epoch());
        }
        replicas.take(standing);
        publish();
        if (led && !machine.leader()) {
            LOG.info("shard={} role=leader→follower epoch={} reason=image", name, standing.epoch());
            waiting.refuseAll(BrokerError.NOT_LEADER);
            refuseUnstored(BrokerError.NOT_LEADER);
            window.wakeAll();
        }
        if (replicas.shared() && machine.leader()) {
            flush.requestIfNeeded();
            advance();
            replicas.check();
        } else if (machine.leader() && machine.highWatermark() < log.endOffset()) {
            // The others went: what is here is all there is.
            if (flush.isBeforeAck()) {
                flush.request();
            } else {
                onDurable(log.written());
            }
        }
    }

    void drain() {
        loop.assertInLoop();
        drainScheduled.set(false);
        if (status == ShardStatus.OPENING) {
            return;
        }
        long nowMs = loop.nowMs();
        AppendRequest request = queue.poll();
        try {
            while (request != null) {
                if (home == null) {
                    appends.accept(request, nowMs);
                } else {
                    home.accept(request, nowMs);
                }
                request = queue.poll();
            }
            if (home != null) {
                home.appendStored(nowMs);
            }
            appends.writeTurn();
        } catch (RuntimeException | Error e) {
            appends.failed("drain", e, request);
        }
        replies.send();
    }

    /** Nothing is left that has to be flushed. */
    void flushedAll() {
        if (status == ShardStatus.CLOSING) {
            finishClose();
        }
    }

    void onDurable(FlushPoint point) {
        if (replicas.shared()) {
            advance();
            return;
        }
        show(point);
        completeWaiting();
    }

    /** A leader with followers: what all in sync have is committed. */
    void advance() {
        if (!machine.leader()) {
            return;
        }
        FlushPoint committed = replicas.committed(flush.ownOffset());
        if (committed != null && show(committed)) {
            replicas.advanced();
        }
        completeWaiting();
        replies.send();
    }

    /** Moves the high watermark to {@code point} unless it is there already. */
    boolean show(FlushPoint point) {
        boolean moves = machine.onDurable(point.endOffset());
        if (moves) {
            visible = point;
            publish();
        }
        return moves;
    }

    /** Makes the log's present state what others see, and wakes readers that have been waiting for it. */
    void publish() {
        boolean leads = machine.leader() && replicas.servesReaders();
        if (leads) {
            window.known();
        }
        window.show(log.publish(visible, leads, machine.leaderEpoch(), machine.lastStableOffset()));
    }

    void completeWaiting() {
        waiting.complete(machine.highWatermark(), flush.ownOffset(), log.startOffset());
        if (replicas.shared() && !machine.hasEnoughInSync()) {
            waiting.refuseInSync(BrokerError.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        }
    }

    /** Closes the log, changes its files so that it ends at {@code offset}, and opens it again. */
    void reopen(long offset, String why, LogChange change) {
        int epoch = standing.epoch();
        long end = log.endOffset();
        boolean isHeld = flush.holds(() -> {
            // Another leader, or what was appended, may have nothing to do with what this was asked for.
            if (standing.epoch() == epoch && log.endOffset() == end) {
                reopen(offset, why, change);
            }
        });
        if (isHeld) {
            return;
        }
        LOG.info("shard={} end={}→{} epoch={} reason=\"{}\"", name, log.endOffset(), offset, standing.epoch(), why);
        status = ShardStatus.OPENING;
        window.shut(BrokerError.NOT_LEADER);
        waiting.refuseAll(BrokerError.NOT_LEADER);
        replies.send();
        producers = new ProducerTable(context.config().producersMax());
        replicas.reopened();
        if (tier != null) {
            tier.begin();
        }
        SegmentedLog last = log;
        upkeep.stop(() -> disk.execute(() -> {
            try {
                last.written().force();
                last.close();
                loop.execute(() -> openChanged(change));
            } catch (IOException | RuntimeException | Error e) {
                loop.execute(() -> goOffline("close", e));
            }
        }));
    }

    /** Unless its directory was lost meanwhile. */
    private void openChanged(LogChange change) {
        if (status == ShardStatus.OPENING) {
            open(change);
        }
    }

    void goOffline(String action, Throwable cause) {
        awaitsRoom = false;
        if (status == ShardStatus.OFFLINE || status == ShardStatus.CLOSED) {
            return;
        }
        LOG.error("shard={} status={}→OFFLINE action={}", name, status, action, cause);
        status = ShardStatus.OFFLINE;
        window.shut(BrokerError.STORAGE_ERROR);
        appends.refuseTurn(BrokerError.STORAGE_ERROR);
        waiting.refuseAll(BrokerError.STORAGE_ERROR);
        refuseUnstored(BrokerError.STORAGE_ERROR);
        drain();
        if (closeByDeleting != null) {
            finishClose();
        }
    }

    private void refuseUnstored(BrokerError error) {
        if (home != null) {
            home.refuseAll(error);
            replies.send();
        }
    }

    private void finishClose() {
        boolean deletes = Boolean.TRUE.equals(closeByDeleting);
        boolean clean = status == ShardStatus.CLOSING;
        status = ShardStatus.CLOSED;
        awaitsRoom = false;
        replicas.stopFollowing();
        window.shut(deletes ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION : BrokerError.NOT_LEADER);
        waiting.refuseAll(window.refusal());
        refuseUnstored(window.refusal());
        drain();
        SegmentedLog last = window.log();
        ShardExit exit = new ShardExit(store, name, last, producers, memory, deletes, clean);
        if (last == null) {
            exit.run(disk, closed);
        } else {
            upkeep.stop(() -> exit.run(disk, closed));
        }
    }
}
