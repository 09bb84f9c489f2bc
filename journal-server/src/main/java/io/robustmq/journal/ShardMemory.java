package io.robustmq.journal;

import io.robustmq.core.port.StoreException;
import io.robustmq.journal.log.LogCut;
import io.robustmq.journal.log.OffsetReserve;
import io.robustmq.journal.log.SegmentedLog;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is particular to a partition whose records go with the process: where its offsets go on, and how it makes room. Does nothing for
 * others. Owned by the shard loop, but for what runs in a disk thread.
 *
 * <pre>
 *   opened empty ── leads ──► begins where offsets may have been given before
 *        └── follows ──► begins where the leader's log begins, which it has to copy whole before it may lead
 * </pre>
 */
final class ShardMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ShardMemory.class);

    private static final String NOTHING_LEFT = "nothing is left of what was in memory";

    private final Shard shard;
    private final MemoryRing ring;
    private final boolean isMemory;
    private final @Nullable OffsetReserve reserve;
    private final AtomicBoolean asked = new AtomicBoolean();
    private boolean raising;
    /** Where this life's offsets begin if it has to lead with nothing; 0 once it has something of the cluster's log. */
    private volatile long floor;

    ShardMemory(Shard shard, ShardContext context) {
        this.shard = shard;
        this.ring = context.ring();
        this.isMemory = shard.settings().storage().equals(MemoryRing.STORAGE);
        this.reserve =
                isMemory && ring.files() != null ? new OffsetReserve(ring.files(), shard.partition.toString()) : null;
        if (isMemory) {
            ring.add(shard);
        }
    }

    /** In a disk thread, before the log is opened for the first time. */
    void open(boolean leads) throws IOException {
        if (reserve != null) {
            long begin = reserve.open();
            if (leads && begin > 0) {
                LOG.info("shard={} start={} reason=\"{}\"", shard.partition, begin, NOTHING_LEFT);
                new LogCut(shard.store, shard.partition.toString()).make(begin, true);
            } else {
                floor = begin;
            }
        }
    }

    /** It leads: whether the log is opened again to begin elsewhere, as it has nothing and never heard of another leader. */
    boolean beginsAnew() {
        long begin = floor;
        floor = 0;
        boolean begins = begin > 0 && shard.log.endOffset() == 0;
        if (begins) {
            String name = shard.partition.toString();
            shard.reopen(begin, NOTHING_LEFT, () -> new LogCut(shard.store, name).make(begin, true));
        }
        return begins;
    }

    /** A leader has told what its log is. */
    void heardLeader() {
        floor = 0;
    }

    boolean isTooLarge(long bytes) {
        return isMemory && ring.isTooLarge(bytes);
    }

    /** Fails when no offsets are reserved for what is about to be written. */
    void checkReserved(long endOffset) throws StoreException {
        if (reserve != null && !reserve.covers(endOffset)) {
            raise(endOffset);
            throw new StoreException(StoreException.Kind.RETRIABLE, "the offsets are not reserved yet");
        }
    }

    void wrote() {
        if (!isMemory) {
            return;
        }
        if (reserve != null && reserve.isDue(shard.log.endOffset())) {
            raise(shard.log.endOffset());
        }
        ring.wrote();
    }

    private void raise(long endOffset) {
        if (raising || reserve == null) {
            return;
        }
        raising = true;
        OffsetReserve raised = reserve;
        shard.disk.execute(() -> {
            try {
                raised.raise(endOffset);
            } catch (IOException | RuntimeException | Error e) {
                LOG.warn("shard={} action=reserve offsets later", shard.partition, e);
            }
            shard.loop.execute(() -> raising = false);
        });
    }

    /** Whether an append that found no room may be tried again at once; else others are asked, and it is to be sent again. */
    boolean makeRoom(StoreException cause) {
        if (!isMemory || cause.kind() != StoreException.Kind.FULL) {
            return false;
        }
        if (shard.log.segmentCount() > 1 && shard.upkeep.dropOldest(shard.settings())) {
            return true;
        }
        ring.makeRoom();
        return false;
    }

    /** Whether an append that found no room is not told so: somebody lets something go. */
    boolean isRing() {
        return isMemory && shard.settings().deletes();
    }

    /** Any thread: the oldest segment is to go. */
    void askForRoom() {
        if (asked.compareAndSet(false, true)) {
            shard.loop.execute(() -> {
                asked.set(false);
                if (shard.isOpen()) {
                    shard.upkeep.dropOldest(shard.settings());
                }
            });
        }
    }

    /** In a disk thread, when the log is not used any more. */
    void close(@Nullable SegmentedLog log, boolean deletes, boolean clean) throws IOException {
        ring.remove(shard);
        if (reserve == null) {
            return;
        }
        if (deletes) {
            reserve.delete();
        } else if (log != null && clean && floor == 0) {
            reserve.close(log.endOffset());
        }
    }

    /** Whether what is closed is gone: there is nothing to leave for the next opening. */
    boolean isGoneWhenClosed() {
        return reserve != null;
    }
}
