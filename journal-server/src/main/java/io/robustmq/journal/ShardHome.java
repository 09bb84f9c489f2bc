package io.robustmq.journal;

import io.netty.buffer.PooledByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.home.NodeHome;
import io.robustmq.journal.home.PackEntry;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.home.PackOwner;
import io.robustmq.journal.log.Payloads;
import io.robustmq.journal.log.ReferenceScan;
import io.robustmq.journal.shard.Verdict;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appends to a partition whose records live in the object store: they are stored first, then the log is given references to them,
 * in the order in which they came. Owned by the shard loop.
 *
 * <pre>
 *   append ──► checked ──► packed, with others' ──► stored ──► appended as references ──► acknowledged
 *                │                                    │ not         │ led in another epoch by now
 *                └──────────── refused ◄──────────────┴─────────────┘
 * </pre>
 */
final class ShardHome implements PackOwner {
    private static final Logger LOG = LoggerFactory.getLogger(ShardHome.class);
    private static final int SCANS_MAX = 4;

    private final Shard shard;
    private final NodeHome home;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();

    /** An append in the order of its coming. */
    private static final class Waiting {
        private final AppendRequest request;
        private final int leaderEpoch;
        /** Null for what the log holds itself. */
        private final @Nullable PackEntry entry;

        private boolean packed;

        Waiting(AppendRequest request, int leaderEpoch, @Nullable PackEntry entry) {
            this.request = request;
            this.leaderEpoch = leaderEpoch;
            this.entry = entry;
            this.packed = entry == null;
        }
    }

    ShardHome(Shard shard, NodeHome home) {
        this.shard = shard;
        this.home = home;
    }

    @Override
    public Partition partition() {
        return shard.partition;
    }

    void accept(AppendRequest request, long nowMs) {
        if (!shard.isOpen()) {
            shard.appends.refuse(request, shard.window.refusal());
            return;
        }
        Verdict form = shard.machine.check(request.batches, request.options, nowMs);
        if (!form.accepted()) {
            request.batches.release();
            shard.replies.add(request, AppendResult.refused(form.error(), form.message()), shard.loop.nanoTime());
            return;
        }
        boolean isMarker = new RecordBatch(request.batches, request.batches.readerIndex()).isControl();
        PackEntry entry = isMarker ? null : new PackEntry(this, request.batches);
        Waiting waiting = new Waiting(request, shard.machine.leaderEpoch(), entry);
        queue.add(waiting);
        if (entry != null && !home.pack(entry)) {
            queue.removeLast();
            shard.appends.refuse(request, BrokerError.OVERLOADED);
        }
    }

    /** Appends what need not wait any longer. */
    void appendStored(long nowMs) {
        for (Waiting first = queue.peek(); first != null && first.packed; first = queue.peek()) {
            // Before it is appended, which may take the shard offline and refuse all that wait here.
            queue.remove();
            try {
                append(first, nowMs);
            } catch (RuntimeException | Error e) {
                shard.appends.failed("append", e, first.request);
            }
        }
    }

    private void append(Waiting waiting, long nowMs) {
        AppendRequest request = waiting.request;
        BrokerError refusal = refusal(waiting);
        if (refusal != BrokerError.NONE) {
            shard.appends.refuse(request, refusal);
            return;
        }
        if (waiting.entry != null) {
            request.refer(waiting.entry.references(PooledByteBufAllocator.DEFAULT));
        }
        shard.appends.accept(request, nowMs);
    }

    /** What waits is answered now; that it may be in the store counts for nothing. */
    void refuseAll(BrokerError error) {
        for (Waiting waiting = queue.poll(); waiting != null; waiting = queue.poll()) {
            shard.appends.refuse(waiting.request, error);
        }
    }

    /** In another epoch it is not known any more who may have taken what is in the store for nobody's. */
    private BrokerError refusal(Waiting waiting) {
        if (!shard.isOpen()) {
            return shard.window.refusal();
        }
        if (!shard.machine.leader() || waiting.leaderEpoch != shard.machine.leaderEpoch()) {
            return BrokerError.NOT_LEADER;
        }
        boolean isStored = waiting.entry == null || waiting.entry.failure() == null;
        return isStored ? BrokerError.NONE : BrokerError.STORAGE_ERROR;
    }

    @Override
    public void packed(List<PackEntry> entries) {
        Set<PackEntry> done = new HashSet<>(entries);
        shard.loop.execute(() -> {
            for (Waiting waiting : queue) {
                waiting.packed |= waiting.entry != null && done.contains(waiting.entry);
            }
            try {
                shard.drain();
            } finally {
                entries.forEach(PackEntry::release);
            }
        });
    }

    /** Whether what the growing segment refers to has been in packs long enough. */
    boolean isRewriteDue(long nowMs) {
        return shard.log.activeIsOlder(home.config().rewriteMs(), nowMs);
    }

    /** What reads the records that a log refers to; of one that has them itself, nothing does. */
    static Payloads payloads(@Nullable ShardHome home) {
        return home == null ? Payloads.NONE : home.home.reads();
    }

    /** What the log refers to, told in any thread; null when this node does not lead for sure. */
    void references(Consumer<@Nullable ReferenceScan> done) {
        shard.loop.run(() -> done.accept(knowsAll() ? shard.log.references() : null));
    }

    private boolean knowsAll() {
        return shard.isOpen() && shard.machine.leader() && shard.replicas.isSureToLead();
    }

    /**
     * Which packs are needed for what waits here and what the log refers to. {@code done} is told once, in any thread; null when this
     * node cannot be sure that it knows.
     */
    void livePacks(Consumer<@Nullable Set<PackName>> done) {
        shard.loop.run(() -> livePacks(done, SCANS_MAX));
    }

    private void livePacks(Consumer<@Nullable Set<PackName>> done, int scans) {
        if (!knowsAll() || scans == 0) {
            done.accept(null);
            return;
        }
        // Both in the same turn: what waits goes into the log in some other.
        Set<PackName> packs = new HashSet<>();
        addPacks(packs);
        ReferenceScan references = shard.log.references();
        try {
            shard.context.disk().execute(() -> scan(references, packs, done, scans));
        } catch (RejectedExecutionException e) {
            done.accept(null);
        }
    }

    private void scan(
            ReferenceScan references, Set<PackName> packs, Consumer<@Nullable Set<PackName>> done, int scans) {
        try {
            references.each(reference -> packs.add(PackName.of(reference)));
        } catch (IllegalStateException e) {
            LOG.trace("shard={} action=look for packs again", shard.partition, e);
            shard.loop.execute(() -> livePacks(done, scans - 1));
            return;
        } catch (IOException | RuntimeException e) {
            LOG.error("shard={} action=look for packs failed", shard.partition, e);
            done.accept(null);
            return;
        }
        done.accept(packs);
    }

    /** The packs that what waits goes into, as far as they are known: any that is in the store already is. */
    private void addPacks(Collection<PackName> packs) {
        for (Waiting waiting : queue) {
            PackName pack = waiting.entry == null ? null : waiting.entry.pack();
            if (pack != null) {
                packs.add(pack);
            }
        }
    }
}
