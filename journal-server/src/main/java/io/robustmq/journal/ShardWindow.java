package io.robustmq.journal;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.journal.ReaderWaiters.Waiter;
import io.robustmq.journal.home.PackedReads;
import io.robustmq.journal.log.LogReader;
import io.robustmq.journal.log.Payloads;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.log.ShardView;
import io.robustmq.journal.replica.ReplicaLog.Fetched;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import io.robustmq.journal.tier.TierReads;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the shard shows to other threads. Set by the shard loop, looked through by any thread without a hop: the refusal
 * first, then the view.
 */
final class ShardWindow {
    private static final Logger LOG = LoggerFactory.getLogger(ShardWindow.class);
    private static final int READ_ATTEMPTS = 4;

    private final String shard;
    private final ReaderWaiters readers;
    private final @Nullable TierReads stored;
    private final @Nullable PackedReads packed;
    private volatile @Nullable SegmentedLog log;
    private volatile BrokerError refusal = BrokerError.NOT_LEADER;
    private volatile ShardView view;
    private volatile ShardView whole;
    /** Of a replica that follows: whether what is committed is known here, up to where its log is the leader's. */
    private volatile boolean known;
    /** Before its log was cut off, or at the start: where readers of the replica begin who begin at the end. */
    private volatile long knownEnd = -1;

    /**
     * @param stored null where there is no object store
     * @param packed null where the log has the records itself
     */
    ShardWindow(
            String shard, int leaderEpoch, int waitersMax, @Nullable TierReads stored, @Nullable PackedReads packed) {
        this.stored = stored;
        this.packed = packed;
        this.shard = shard;
        this.readers = new ReaderWaiters(waitersMax);
        this.view = ShardView.unreadable(leaderEpoch);
        this.whole = view;
    }

    // ---- by the shard loop

    void open(SegmentedLog opened) {
        log = opened;
        refusal = BrokerError.NONE;
        readers.wakeAll();
    }

    void show(ShardView fresh) {
        view = fresh;
        readers.wake(waiter -> fresh.visibleEnd(waiter.isolation) > waiter.offset);
    }

    /** What followers may read: all that is written. */
    void showWhole(ShardView fresh) {
        whole = fresh;
    }

    /** Readers are told {@code error} from now on. */
    void shut(BrokerError error) {
        refusal = error;
        readers.wakeAll();
    }

    void wakeAll() {
        readers.wakeAll();
    }

    /** What the view says is committed is all that was, when the leader told. */
    void known() {
        if (!known) {
            known = true;
            readers.wakeAll();
        }
    }

    /** The log is opened again: for a while not all that is committed is known to be. */
    void unknown() {
        if (known) {
            knownEnd = view.state().highWatermark();
            known = false;
        }
    }

    // ---- by any thread

    ReadResult read(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        return read(offset, maxBytes, atLeastOneBatch, isolation, false);
    }

    /** Also of a replica that only follows. What lies behind its end is not there yet. */
    ReadResult readReplica(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        ReadResult result = read(offset, maxBytes, atLeastOneBatch, isolation, true);
        boolean isAhead = result.error() == BrokerError.OFFSET_OUT_OF_RANGE && offset > result.logStartOffset();
        return isAhead
                ? new ReadResult(
                        BrokerError.NONE,
                        null,
                        result.highWatermark(),
                        result.lastStableOffset(),
                        result.logStartOffset(),
                        List.of())
                : result;
    }

    private ReadResult read(
            long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation, boolean mayFollow) {
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
            ShardView now = view;
            BrokerError refused = refusal;
            if (refused != BrokerError.NONE) {
                return ReadResult.refused(refused);
            }
            if (!now.state().leader() && !(mayFollow && known)) {
                return ReadResult.refused(BrokerError.NOT_LEADER);
            }
            if (isStored(now.state(), offset)) {
                return readStored(now.state(), offset, maxBytes, atLeastOneBatch, isolation);
            }
            try {
                return readHere(now, offset, maxBytes, atLeastOneBatch, isolation);
            } catch (IllegalStateException e) {
                // A segment was closed after the view was taken: there is a newer one, or a refusal.
                LOG.trace("shard={} action=read again", shard, e);
            } catch (IOException e) {
                LOG.error("shard={} offset={} action=read failed", shard, offset, e);
                return ReadResult.refused(BrokerError.STORAGE_ERROR);
            }
        }
        return ReadResult.refused(BrokerError.NOT_LEADER);
    }

    private ReadResult readHere(ShardView now, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation)
            throws IOException {
        PackedReads reads = packed;
        if (reads == null) {
            return LogReader.read(now, offset, maxBytes, atLeastOneBatch, isolation);
        }
        int bytes = PackedReads.referencesBytes(maxBytes);
        ReadResult references = LogReader.read(now, offset, bytes, atLeastOneBatch, isolation);
        return reads.resolve(references, maxBytes, atLeastOneBatch);
    }

    /**
     * Whether the log has the offset, but only in the object store. What has an object of its own is read from that: a replica may
     * refer longer than its leader to packs that nobody keeps for it.
     */
    private boolean isStored(PartitionState state, long offset) {
        long here =
                packed == null ? state.localStartOffset() : Math.max(state.localStartOffset(), state.storedEndOffset());
        return offset >= state.logStartOffset() && offset < here;
    }

    /** Who only follows does not know what is stored. */
    private ReadResult readStored(
            PartitionState state, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        TierReads reads = stored;
        if (reads == null) {
            LOG.error("shard={} offset={} action=refuse reason=\"there is no object store here\"", shard, offset);
            return ReadResult.refused(BrokerError.STORAGE_ERROR);
        }
        return state.leader()
                ? reads.read(state, offset, maxBytes, atLeastOneBatch, isolation)
                : ReadResult.refused(BrokerError.OFFSET_NOT_AVAILABLE);
    }

    /** Whether the replica here only follows, and has the offset no more: its leader reads it from the object store. */
    boolean isElsewhere(long offset) {
        PartitionState state = view.state();
        return !state.leader() && isStored(state, offset);
    }

    /** Whether what is at the offset need not be fetched from the object store. */
    boolean isHere(long offset) {
        return !isStored(view.state(), offset);
    }

    /** The stored segments; null where there is no object store. */
    @Nullable
    TierReads stored() {
        return stored;
    }

    /**
     * The state of a replica that may only follow. It ends where what is known to be committed does: what lies behind may
     * have to be cut off.
     */
    PartitionState replicaState() {
        ShardView now = view;
        PartitionState state = now.state();
        if (isReplicaKnown()) {
            return new PartitionState(
                    state.leader(),
                    state.leaderEpoch(),
                    state.logStartOffset(),
                    state.lastStableOffset(),
                    state.highWatermark(),
                    state.highWatermark(),
                    state.sizeBytes(),
                    state.localStartOffset(),
                    state.storedEndOffset());
        }
        long end = knownEnd < 0 ? state.logEndOffset() : knownEnd;
        return new PartitionState(false, state.leaderEpoch(), state.logStartOffset(), end, end, end, state.sizeBytes());
    }

    /** By what is shown now. */
    boolean isLeader() {
        return view.state().leader();
    }

    /** Whether readers of the replica are served. */
    boolean isReplicaKnown() {
        return refusal == BrokerError.NONE && (known || view.state().leader());
    }

    Cancellable onReplicaAdvance(long offset, Isolation isolation, Loop loop, Runnable task) {
        if (comesFromStore(offset) || comesFromPack(offset, isolation)) {
            return onAdvance(offset, isolation, loop, task);
        }
        return readers.add(offset, isolation, loop, task, waiter -> {
            return refusal != BrokerError.NONE || view.visibleEnd(waiter.isolation) > waiter.offset;
        });
    }

    /** What a follower at {@code position} is answered. */
    Fetched readWhole(FetchPosition position, int maxBytes) {
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
            ShardView now = whole;
            SegmentedLog opened = log;
            PartitionState state = now.state();
            if (refusal != BrokerError.NONE || opened == null || !state.leader()) {
                break;
            }
            FetchAnswer answer = FetchAnswer.to(
                    position,
                    state.leaderEpoch(),
                    opened.epochs().endOf(position.lastFetchedEpoch(), state.logEndOffset()),
                    FetchAnswer.Log.of(state, view.state().highWatermark()));
            if (answer.outcome() != FetchAnswer.Outcome.AGREES) {
                return new Fetched(answer, null);
            }
            try {
                ReadResult read =
                        LogReader.read(now, position.fetchOffset(), maxBytes, maxBytes > 0, Isolation.READ_UNCOMMITTED);
                return new Fetched(answer, read.slice());
            } catch (IllegalStateException e) {
                LOG.trace("shard={} action=read for a follower again", shard, e);
            } catch (IOException e) {
                LOG.error("shard={} offset={} action=read for a follower failed", shard, position.fetchOffset(), e);
                break;
            }
        }
        return new Fetched(FetchAnswer.refused(view.state().leaderEpoch()), null);
    }

    /** A search in a view, by a disk thread. */
    @FunctionalInterface
    interface Lookup {
        TimestampedOffset in(ShardView view, Payloads payloads) throws IOException;
    }

    /** Refused when it could not be looked for. */
    TimestampedOffset lookUp(Lookup lookup) {
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
            try {
                return lookup.in(view, packed == null ? Payloads.NONE : packed);
            } catch (IllegalStateException e) {
                LOG.trace("shard={} action=look up time again", shard, e);
            } catch (IOException e) {
                LOG.error("shard={} action=look up time failed", shard, e);
                return TimestampedOffset.refused(BrokerError.STORAGE_ERROR);
            } catch (RuntimeException | Error e) {
                LOG.error("shard={} action=look up time failed", shard, e);
                return TimestampedOffset.refused(BrokerError.UNEXPECTED);
            }
        }
        return TimestampedOffset.refused(BrokerError.LEADER_NOT_AVAILABLE);
    }

    Cancellable onAdvance(long offset, Isolation isolation, Loop loop, Runnable task) {
        PackedReads packs = packed;
        if (packs != null && comesFromPack(offset, isolation)) {
            return onPackArrival(packs, offset, isolation, loop, task);
        }
        TierReads reads = stored;
        return reads != null && comesFromStore(offset)
                ? reads.onArrival(offset, loop, task)
                : readers.add(offset, isolation, loop, task, this::isDue);
    }

    /** Whether this leader's readers of the offset wait for the object store. */
    private boolean comesFromStore(long offset) {
        PartitionState state = view.state();
        return stored != null && state.leader() && refusal == BrokerError.NONE && isStored(state, offset);
    }

    /** Whether readers of the offset, which they see, wait for what the log refers to. */
    private boolean comesFromPack(long offset, Isolation isolation) {
        ShardView now = view;
        return packed != null
                && refusal == BrokerError.NONE
                && offset < now.visibleEnd(isolation)
                && offset >= now.state().localStartOffset()
                && !isStored(now.state(), offset);
    }

    private Cancellable onPackArrival(PackedReads packs, long offset, Isolation isolation, Loop loop, Runnable task) {
        try {
            return packs.onArrival(LogReader.read(view, offset, 1, true, isolation), loop, task);
        } catch (IllegalStateException | IllegalArgumentException | IOException e) {
            // The read says what is the matter.
            LOG.trace("shard={} offset={} action=read again", shard, offset, e);
            loop.execute(task);
            return Cancellable.NOTHING;
        }
    }

    EpochEnd endOfEpoch(int leaderEpoch) {
        SegmentedLog opened = log;
        return opened == null
                ? EpochEnd.UNKNOWN
                : opened.epochs().toldEndOf(leaderEpoch, view.state().logEndOffset());
    }

    ShardView view() {
        return view;
    }

    BrokerError refusal() {
        return refusal;
    }

    /** Null until open. */
    @Nullable
    SegmentedLog log() {
        return log;
    }

    private boolean isDue(Waiter waiter) {
        ShardView now = view;
        return refusal != BrokerError.NONE || !now.state().leader() || now.visibleEnd(waiter.isolation) > waiter.offset;
    }
}
