package io.robustmq.journal.flush;

import io.robustmq.journal.log.FlushPoint;

/** Something that is flushed by {@link GroupCommit}, at most once at a time. */
public interface Flushable {
    /** In a flush thread: what is to become durable, which is everything written up to the moment of the call. */
    FlushPoint beginFlush();

    /** In a flush thread, when the point is durable. */
    void flushed();

    /** In a flush thread, when the point did not become durable. Never retried as if it had. */
    void flushFailed(Throwable cause);
}
