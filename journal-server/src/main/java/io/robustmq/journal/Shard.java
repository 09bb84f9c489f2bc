package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.config.TopicSettings.Flush;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.journal.flush.Flushable;
import io.robustmq.journal.log.FlushPoint;
import io.robustmq.journal.log.LogOpener;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.shard.ShardMachine;
import io.robustmq.journal.shard.Verdict;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * </pre>
 */
final class Shard implements Flushable {
    private static final Logger LOG = LoggerFactory.getLogger(Shard.class);
    private static final int QUEUE_CHUNK = 64;

    final Partition partition;
    final Loop loop;
    final SegmentStore store;
    final ShardWindow window;
    final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();
    final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private final String name;
    private final ShardContext context;
    private final SerialExecutor disk;
    final ProducerTable producers;
    private final MpscUnboundedArrayQueue<AppendRequest> queue = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private final Runnable drainTask = this::drain;
    private final Turn turn = new Turn();
    private final Replies replies;
    private final PendingAcks pending;
    private Status status = Status.OPENING;
    private volatile TopicSettings settings;
    private Standing standing;
    private @Nullable Boolean closeByDeleting;
    private boolean flushing;
    private final FullStoreLog fullLog;
    private ShardMachine machine;
    private SegmentedLog log;
    private ShardUpkeep upkeep;
    private FlushPoint visible;
    private volatile long flushedOffset;

    private enum Status {
        OPENING,
        OPEN,
        OFFLINE,
        CLOSING,
        CLOSED
    }

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
        this.window = new ShardWindow(name, standing.epoch(), context.config().waitersMax());
        this.fullLog = new FullStoreLog(name);
        this.replies = new Replies(context.inflight(), context.metrics());
        this.pending = new PendingAcks(loop, replies);
    }

    /** Begins to recover in a disk thread; {@link #opened} tells when readers and writers are served. */
    void open() {
        TopicSettings atOpen = settings;
        long nowMs = loop.nowMs();
        disk.execute(() -> {
            try {
                SegmentedLog recovered = new LogOpener(store, name, atOpen, producers, nowMs).open();
                loop.execute(() -> onOpened(recovered));
            } catch (IOException | RuntimeException e) {
                loop.execute(() -> {
                    goOffline("open", e);
                    opened.completeExceptionally(e);
                });
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
            standing = newStanding;
            settings = newSettings;
            if (status == Status.OPEN) {
                log.settings(newSettings);
                machine.settings(newSettings);
                takeStanding();
                replies.send();
            }
        });
    }

    /**
     * Any thread: whether a background flush has something to do. What is never flushed is left to the operating system; not
     * in a compacted topic, where nothing makes a record go that is not on disk itself.
     */
    boolean dirty() {
        SegmentedLog present = window.log();
        return present != null
                && store.durable()
                && (settings.compacts() || wantedFlush() != Flush.NEVER)
                && present.written().endOffset() > flushedOffset;
    }

    void flushInBackground() {
        whenOpen(this::requestFlush);
    }

    void checkRetention() {
        whenOpen(() -> upkeep.checkRetention(loop.nowMs()));
    }

    void checkCompaction() {
        whenOpen(() -> upkeep.checkCompaction(settings, loop.nowMs()));
    }

    private void whenOpen(Runnable task) {
        loop.run(() -> {
            if (status == Status.OPEN) {
                task.run();
            }
        });
    }

    /** Any thread. */
    TopicSettings.Compress compress() {
        return settings.compress();
    }

    boolean isOpen() {
        return status == Status.OPEN;
    }

    long durableOffset() {
        return store.durable() ? flushedOffset : log.endOffset();
    }

    void deleteRecords(long beforeOffset, ShardUpkeep.Reply reply) {
        loop.run(() -> {
            if (status != Status.OPEN || !machine.leader()) {
                reply.accept(AppendResult.refused(
                        status == Status.OFFLINE ? BrokerError.STORAGE_ERROR : BrokerError.NOT_LEADER));
            } else {
                upkeep.deleteRecords(beforeOffset, settings, reply);
            }
        });
    }

    /** Ends the shard; {@link #closed} tells when its files are let go, or gone. */
    void close(boolean deletes) {
        loop.run(() -> {
            closeByDeleting = deletes || Boolean.TRUE.equals(closeByDeleting);
            if (status == Status.OPEN) {
                status = Status.CLOSING;
                window.shut(deletes ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION : BrokerError.NOT_LEADER);
                drain();
                if (deletes || pending.isEmpty()) {
                    finishClose();
                }
            } else if (status == Status.OFFLINE) {
                finishClose();
            }
        });
    }

    @Override
    public FlushPoint beginFlush() {
        inFlush = log.written();
        return inFlush;
    }

    @Override
    public void flushed() {
        FlushPoint point = inFlush;
        loop.execute(() -> onFlushed(point));
    }

    @Override
    public void flushFailed(Exception cause) {
        loop.execute(() -> goOffline("flush", cause));
    }

    /** Owned by the flush thread between beginFlush() and flushed(). */
    @SuppressWarnings("NullAway.Init")
    private FlushPoint inFlush;

    // ---- in the loop from here on

    private void onOpened(SegmentedLog recovered) {
        log = recovered;
        machine = new ShardMachine(
                producers, settings, recovered.endOffset(), context.config().decompressedBytesMax());
        visible = recovered.written();
        flushedOffset = recovered.endOffset();
        upkeep = new ShardUpkeep(this, context, disk, recovered, machine, producers, settings);
        recovered.settings(settings);
        status = Status.OPEN;
        takeStanding();
        window.open(recovered);
        opened.complete(null);
        if (closeByDeleting != null) {
            close(closeByDeleting);
        } else {
            drain();
        }
    }

    private void takeStanding() {
        boolean led = machine.leader();
        if (standing.leader()) {
            machine.lead(standing.epoch(), standing.inSyncReplicas());
        } else {
            machine.follow(standing.epoch());
        }
        publish();
        if (led && !machine.leader()) {
            LOG.info("shard={} role=leader→follower epoch={} reason=image", name, standing.epoch());
            pending.refuseAll(BrokerError.NOT_LEADER);
            window.wakeAll();
        }
    }

    private void drain() {
        loop.assertInLoop();
        drainScheduled.set(false);
        if (status == Status.OPENING) {
            return;
        }
        long nowMs = loop.nowMs();
        AppendRequest request = queue.poll();
        try {
            while (request != null) {
                accept(request, nowMs);
                request = queue.poll();
            }
            writeTurn();
        } catch (RuntimeException | AssertionError e) {
            // Our bug: what is in memory may not be what is on disk any more.
            goOffline("drain", e);
            if (request != null && !request.answered) {
                refuse(request, BrokerError.STORAGE_ERROR);
            }
        }
        replies.send();
    }

    private void accept(AppendRequest request, long nowMs) {
        if (status != Status.OPEN) {
            refuse(request, window.refusal());
            return;
        }
        if (machine.leader() && log.mustRoll(turn.bytes, request.bytes, nowMs)) {
            writeTurn();
            if (status == Status.OPEN && log.mustRoll(0, request.bytes, nowMs) && !roll(request, nowMs)) {
                return;
            }
        }
        if (status != Status.OPEN) {
            refuse(request, window.refusal());
            return;
        }
        Verdict verdict = machine.onAppend(request.batches, request.options, nowMs);
        if (!verdict.accepted()) {
            request.batches.release();
            replies.add(request, AppendResult.refused(verdict.error(), verdict.message()), loop.nanoTime());
            return;
        }
        request.baseOffset = verdict.baseOffset();
        request.endOffset = verdict.endOffset();
        request.appendTimeMs = verdict.appendTimeMs();
        turn.add(request, !verdict.duplicate());
        if (turn.isFull()) {
            writeTurn();
        }
    }

    private boolean roll(AppendRequest request, long nowMs) {
        try {
            log.roll(producers, nowMs);
            upkeep.runSealJobs();
            return true;
        } catch (IOException e) {
            refuse(request, storeFailed(e));
            return false;
        }
    }

    private void writeTurn() {
        if (turn.isEmpty()) {
            return;
        }
        if (turn.bufferCount > 0) {
            try {
                log.append(turn.buffers, turn.bufferCount);
            } catch (IOException e) {
                machine.onWriteFailed();
                refuseTurn(storeFailed(e));
                return;
            }
            log.addAborted(machine.onWritten());
            fullLog.roomAgain();
            context.metrics().writes.increment();
            context.metrics().appends.increment(turn.bufferCount);
            context.metrics().appendedBytes.increment((double) turn.bytes);
        }
        settleTurn();
        if (flushesBeforeAck()) {
            if (log.endOffset() > flushedOffset) {
                requestFlush();
            }
            completeWaiting();
        } else {
            onDurable(log.written());
        }
    }

    private void settleTurn() {
        long nowNs = loop.nanoTime();
        for (int i = 0; i < turn.requestCount; i++) {
            AppendRequest request = turn.requests[i];
            request.batches.release();
            if (request.options.acks() == Acks.NONE) {
                replies.add(request, request.success(log.startOffset()), nowNs);
            } else {
                pending.add(request, nowNs);
            }
        }
        turn.clear();
    }

    private void refuseTurn(BrokerError error) {
        for (int i = 0; i < turn.requestCount; i++) {
            refuse(turn.requests[i], error);
        }
        turn.clear();
    }

    /** What the appends are told; takes the shard offline unless the store says that nothing is lost. */
    private BrokerError storeFailed(IOException cause) {
        if (cause instanceof StoreException store) {
            if (store.kind() == StoreException.Kind.FULL) {
                fullLog.full(cause, loop.nanoTime());
                return BrokerError.STORAGE_FULL;
            }
            if (store.kind() == StoreException.Kind.RETRIABLE) {
                return BrokerError.STORAGE_ERROR;
            }
        }
        goOffline("append", cause);
        return BrokerError.STORAGE_ERROR;
    }

    private boolean flushesBeforeAck() {
        return store.durable() && wantedFlush() != Flush.NEVER;
    }

    private Flush wantedFlush() {
        return settings.flush() == Flush.DEFAULT ? context.config().flush() : settings.flush();
    }

    private void requestFlush() {
        if (!flushing) {
            flushing = true;
            context.flushes().submit(store, this);
        }
    }

    private void onFlushed(FlushPoint point) {
        flushing = false;
        if (status != Status.OPEN && status != Status.CLOSING) {
            return;
        }
        flushedOffset = point.endOffset();
        log.forced(point);
        onDurable(point);
        if (log.endOffset() > point.endOffset() && flushesBeforeAck()) {
            requestFlush();
        } else if (status == Status.CLOSING) {
            finishClose();
        }
        replies.send();
    }

    private void onDurable(FlushPoint point) {
        if (machine.onDurable(point.endOffset())) {
            visible = point;
            publish();
        }
        completeWaiting();
    }

    /** Makes the log's present state what others see, and wakes readers that have been waiting for it. */
    void publish() {
        window.show(log.publish(visible, machine.leader(), machine.leaderEpoch(), machine.lastStableOffset()));
    }

    private void completeWaiting() {
        pending.complete(machine.highWatermark(), log.startOffset());
    }

    private void refuse(AppendRequest request, BrokerError error) {
        request.batches.release();
        replies.add(request, AppendResult.refused(error), loop.nanoTime());
    }

    void goOffline(String action, Throwable cause) {
        if (status == Status.OFFLINE || status == Status.CLOSED) {
            return;
        }
        LOG.error("shard={} status={}→OFFLINE action={}", name, status, action, cause);
        status = Status.OFFLINE;
        window.shut(BrokerError.STORAGE_ERROR);
        refuseTurn(BrokerError.STORAGE_ERROR);
        pending.refuseAll(BrokerError.STORAGE_ERROR);
        drain();
        if (closeByDeleting != null) {
            finishClose();
        }
    }

    private void finishClose() {
        boolean deletes = Boolean.TRUE.equals(closeByDeleting);
        boolean clean = status == Status.CLOSING;
        status = Status.CLOSED;
        window.shut(deletes ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION : BrokerError.NOT_LEADER);
        pending.refuseAll(window.refusal());
        drain();
        SegmentedLog last = window.log();
        ShardExit exit = new ShardExit(store, name, last, producers, deletes, clean);
        if (last == null) {
            letGo(exit);
        } else {
            upkeep.stop(() -> letGo(exit));
        }
    }

    private void letGo(ShardExit exit) {
        disk.execute(() -> {
            try {
                exit.run();
                closed.complete(null);
            } catch (IOException | RuntimeException e) {
                LOG.error("shard={} action=close failed", name, e);
                closed.completeExceptionally(e);
            }
        });
    }
}
