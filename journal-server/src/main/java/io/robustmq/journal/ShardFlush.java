package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings.Flush;
import io.robustmq.journal.flush.Flushable;
import io.robustmq.journal.log.FlushPoint;
import io.robustmq.journal.log.SegmentedLog;
import org.jspecify.annotations.Nullable;

/** When a shard's log is forced to the disk, and up to where it is. Owned by the shard loop, but for what says otherwise. */
final class ShardFlush implements Flushable {
    private final Shard shard;
    private boolean underWay;
    private @Nullable Runnable next;
    private volatile long flushedOffset;

    /** Owned by the flush thread between beginFlush() and flushed(). */
    @SuppressWarnings("NullAway.Init")
    private FlushPoint inFlush;

    ShardFlush(Shard shard) {
        this.shard = shard;
    }

    void opened(long endOffset) {
        flushedOffset = endOffset;
    }

    /**
     * Any thread: whether a background flush has something to do. What is never flushed is left to the operating system; not
     * in a compacted topic, where nothing makes a record go that is not on disk itself.
     */
    boolean isDirty() {
        SegmentedLog present = shard.window.log();
        return present != null
                && shard.store.durable()
                && (shard.settings().compacts() || wanted() != Flush.NEVER)
                && present.written().endOffset() > flushedOffset;
    }

    long flushedOffset() {
        return flushedOffset;
    }

    long durableOffset() {
        return shard.store.durable() ? flushedOffset : shard.log.endOffset();
    }

    boolean isBeforeAck() {
        Flush flush = wanted();
        boolean replicated = flush == Flush.AUTO && shard.replicas.shared() && !shard.replicas.mayBeAlone();
        return shard.store.durable() && flush != Flush.NEVER && !replicated;
    }

    /** Whether nothing counts that is not on the disk, whoever else has it. */
    boolean isAlways() {
        return shard.store.durable() && wanted() == Flush.ALWAYS;
    }

    private Flush wanted() {
        Flush ofTopic = shard.settings().flush();
        return ofTopic == Flush.DEFAULT ? shard.context.config().flush() : ofTopic;
    }

    /** Up to where this node has the log as safely as the partition asks. */
    long ownOffset() {
        return isBeforeAck() ? durableOffset() : shard.log.endOffset();
    }

    /** Up to where a power cut takes nothing, or may, by configuration. */
    long safeOffset() {
        return wanted() == Flush.NEVER ? shard.log.endOffset() : durableOffset();
    }

    void request() {
        if (!underWay) {
            underWay = true;
            shard.context.flushes().submit(shard.store, this);
        }
    }

    void requestIfNeeded() {
        if (isBeforeAck() && shard.log.endOffset() > flushedOffset) {
            request();
        }
    }

    boolean isUnderWay() {
        return underWay;
    }

    /** Whether one is under way: then the task runs when it has ended, if the shard is open then. */
    boolean holds(Runnable task) {
        if (underWay) {
            next = task;
        }
        return underWay;
    }

    @Override
    public FlushPoint beginFlush() {
        inFlush = shard.log.written();
        return inFlush;
    }

    @Override
    public void flushed() {
        FlushPoint point = inFlush;
        shard.loop.execute(() -> ended(point));
    }

    @Override
    public void flushFailed(Throwable cause) {
        shard.loop.execute(() -> {
            shard.goOffline("flush", cause);
            shard.replicas.flushed();
        });
    }

    private void ended(FlushPoint point) {
        underWay = false;
        Runnable task = next;
        next = null;
        if (task != null && shard.isOpen()) {
            task.run();
        }
        if (shard.isAtWork()) {
            flushedOffset = point.endOffset();
            shard.log.forced(point);
            shard.onDurable(point);
            if (shard.log.endOffset() > point.endOffset() && isBeforeAck()) {
                request();
            } else {
                shard.flushedAll();
            }
            shard.replies.send();
        }
        // Whatever became of the shard: the fetcher asks that leader for nothing while one of its logs is silent.
        shard.replicas.flushed();
    }
}
